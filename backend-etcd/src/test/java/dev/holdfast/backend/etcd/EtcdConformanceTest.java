package dev.holdfast.backend.etcd;

import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;

/** The whole contract, against a real etcd. */
class EtcdConformanceTest extends BackendConformance {
    @Override
    protected Harness harness() {
        return new EtcdHarness();
    }
}
