package dev.holdfast.server;

import static dev.holdfast.server.Outages.AFTER_LOSS;
import static dev.holdfast.server.Outages.LOCK_TTL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tck.stores.EtcdStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Data and lock in etcd. */
class EtcdOutageTest {
    @Test
    void noAcknowledgedWriteIsLost(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws Exception {
        try (EtcdStore etcd = EtcdStore.start();
                Outages outages = new Outages(
                        "etcd",
                        directory,
                        etcd.endpoints(),
                        etcd.endpoints(),
                        links -> Outages.etcd("storage", LOCK_TTL, links),
                        LOCK_TTL,
                        AFTER_LOSS)) {
            assertThat(outages.banner())
                    .contains("Storage: etcd (HA available)")
                    .contains("Fencing: fenced")
                    .doesNotContain("io.grpc", "INFO:");
            outages.stepDown();
            outages.seal();
            outages.pauseAndResume();
            outages.cutFromLock();
            outages.kill();
            outages.check();
        }
    }
}
