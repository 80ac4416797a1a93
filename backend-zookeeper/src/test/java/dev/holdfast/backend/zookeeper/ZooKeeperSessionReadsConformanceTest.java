package dev.holdfast.backend.zookeeper;

import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;

/** What remains true with {@code consistency = session}: the rules about what is read when, against three servers. */
class ZooKeeperSessionReadsConformanceTest extends BackendConformance {
    @Override
    protected Harness harness() {
        return new ZooKeeperHarness().withServers(3).withSessionReads();
    }

    @Override
    protected String rulesToCheck() {
        return "H-01,H-04,KV-02,KV-06,KV-07,FN-03";
    }
}
