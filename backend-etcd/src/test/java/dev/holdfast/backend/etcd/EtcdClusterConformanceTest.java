package dev.holdfast.backend.etcd;

import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;

/** What needs several servers, against three real ones; {@code ./holdfast tck etcd --servers 3} checks all. */
class EtcdClusterConformanceTest extends BackendConformance {
    @Override
    protected Harness harness() {
        return new EtcdHarness().withServers(3);
    }

    @Override
    protected boolean clusterChecksOnly() {
        return true;
    }
}
