package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.SessionLease;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ZooKeeperSessionTest {
    private final ZooKeeperStore store = ZooKeeperStore.start();
    private final ZooKeeperOptions options = ZooKeeperOptions.of(ZooKeeperOptions.SCHEMA.parse(
            "backend 'zookeeper'", Map.of("endpoints", store.endpoints()), variable -> null));
    private final LeaseThreads threads = new LeaseThreads("test");
    private final ZooKeeperClient data =
            new ZooKeeperClient(options, threads, "data", options.sessionTimeout(), (zk, state) -> {});
    private final ZooKeeperReads reads = new ZooKeeperReads(data, options.path(), true, options.requestTimeout());
    private final ZooKeeperKeys keys = new ZooKeeperKeys(options.path());
    private final ZooKeeperRoots roots = new ZooKeeperRoots(data, keys, options.acl());

    @AfterEach
    void close() {
        data.close();
        threads.close();
        store.close();
    }

    /** A server says so to a login at any time, and the client gives its handle up for ever, without a farewell. */
    @Test
    void aLoginThatIsRefusedWhileALeaseIsHeldEndsTheLease() throws Exception {
        ZooKeeperSession session = ZooKeeperSession.open(options, threads, keys, data, reads, roots)
                .get(10, TimeUnit.SECONDS);
        SessionLease lease = session.leases().grant(Key.of("lock"), 1, () -> {}).orElseThrow();
        var unused = session.once(zk -> {
            zk.addAuthInfo("unheard-of", new byte[0]);
            return CompletableFuture.completedFuture(null);
        });
        Loss loss = lease.lost().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(loss.reason()).isEqualTo(Loss.Reason.REVOKED);
        assertThat(loss.detail()).contains("refused the login");
        assertThat(lease.isHeld()).isFalse();
    }
}
