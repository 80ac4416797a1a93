package dev.holdfast.backend.zookeeper;

import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;

/**
 * What needs several servers, against three real ones; {@code ./holdfast tck zookeeper --servers 3} checks all.
 */
class ZooKeeperClusterConformanceTest extends BackendConformance {
    @Override
    protected Harness harness() {
        return new ZooKeeperHarness().withServers(3);
    }

    @Override
    protected boolean clusterChecksOnly() {
        return true;
    }
}
