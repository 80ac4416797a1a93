package dev.holdfast.server;

import static dev.holdfast.server.Outages.LOCK_TTL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tck.stores.CephStore;
import dev.holdfast.tck.stores.EtcdStore;
import dev.holdfast.tck.stores.FreePort;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Data in S3, which has no fence for a lock elsewhere, and the lock in etcd. */
class SplitOutageTest {
    /** Longer than elsewhere, since each write needs as much of the lease as it may take, which is a second. */
    private static final long LEASE = 2 * LOCK_TTL;

    /** That second, and another; as it is when nobody says otherwise. */
    private static final long LOCK_DELAY = 2_000;

    private static CephStore s3;
    private static EtcdStore etcd;

    @BeforeAll
    static void start() {
        s3 = CephStore.start();
        etcd = EtcdStore.start();
    }

    @AfterAll
    static void stop() {
        etcd.close();
        s3.close();
    }

    @Test
    void theExampleServes(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws Exception {
        int port = FreePort.next();
        Client client = new Client("http://127.0.0.1:" + port, "");
        String here = """
                "region": "eu-central-1",
                "endpoint": "%s", "access_key": "%s", "secret_key": "%s", "path": "example/"
                """.formatted(s3.endpoint(), s3.accessKey(), s3.secretKey());
        Map<String, String> replaced = Map.of(
                "\"bucket\": \"holdfast\"",
                "\"bucket\": \"" + s3.bucket() + "\"",
                "\"region\": \"eu-central-1\"",
                here,
                "http://127.0.0.1:2379",
                etcd.endpoints(),
                "127.0.0.1:8200",
                "127.0.0.1:" + port);
        try (ServerProcess server = Example.start("s3-with-etcd.json", directory, client, replaced)) {
            assertThat(server.log())
                    .contains("Storage: s3")
                    .contains("HA Storage: etcd")
                    .contains("Fencing: bounded");
            Example.serves(server);
        }
    }

    @Test
    void noAcknowledgedWriteIsLost(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws Exception {
        try (Outages outages = new Outages(
                "s3 and etcd",
                directory,
                etcd.endpoints(),
                s3.endpoint(),
                links -> """
                        storage "s3" {
                          endpoint = "http://127.0.0.1:%d"
                          bucket = "%s"
                          access_key = "%s"
                          secret_key = "%s"
                          path = "server/"
                          request_timeout = "1s"
                        }
                        """.formatted(links.data().port(), s3.bucket(), s3.accessKey(), s3.secretKey())
                        + Outages.etcd("ha_storage", LEASE, links),
                LEASE,
                LEASE * 5 / 8 + LOCK_DELAY)) {
            assertThat(outages.banner()).contains("HA Storage: etcd").contains("Fencing: bounded");
            outages.stepDown();
            outages.cutFromLock();
            outages.cutFromData();
            outages.kill();
            outages.check();
        }
    }
}
