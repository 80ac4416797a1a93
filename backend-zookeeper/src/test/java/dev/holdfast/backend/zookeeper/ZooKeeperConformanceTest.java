package dev.holdfast.backend.zookeeper;

import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;

/** The whole contract, against a real ZooKeeper. */
class ZooKeeperConformanceTest extends BackendConformance {
    @Override
    protected Harness harness() {
        return new ZooKeeperHarness();
    }
}
