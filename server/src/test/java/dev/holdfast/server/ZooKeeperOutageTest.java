package dev.holdfast.server;

import static dev.holdfast.server.Outages.LOCK_TTL;

import dev.holdfast.tck.stores.ZooKeeperStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Data and lock in ZooKeeper. */
class ZooKeeperOutageTest {
    @Test
    void noAcknowledgedWriteIsLost(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws Exception {
        try (ZooKeeperStore zookeeper = ZooKeeperStore.start();
                Outages outages = new Outages(
                        "zookeeper",
                        directory,
                        "tcp://" + zookeeper.endpoints(),
                        "tcp://" + zookeeper.endpoints(),
                        links -> """
                        storage "zookeeper" {
                          endpoints = "127.0.0.1:%d"
                          path = "server/"
                          lock_ttl = "2s"
                          request_timeout = "1s"
                        }
                        """.formatted(links.lock().port()),
                        LOCK_TTL,
                        LOCK_TTL)) {
            outages.stepDown();
            outages.pauseAndResume();
            outages.cutFromLock();
            outages.kill();
            outages.check();
        }
    }
}
