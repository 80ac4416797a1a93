package dev.holdfast.backend.etcd;

import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;

/** The rules about stores of several servers, against three real ones; {@code ./holdfast tck etcd --servers 3} checks all. */
class EtcdClusterConformanceTest extends BackendConformance {
    @Override
    protected Harness harness() {
        return new EtcdHarness().withServers(3);
    }

    @Override
    protected String rulesToCheck() {
        return "H-03,ER-04,LO-02,LO-07";
    }
}
