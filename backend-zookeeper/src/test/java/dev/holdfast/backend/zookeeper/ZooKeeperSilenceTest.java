package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.FaultProxy;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Servers that keep a session from the others. */
class ZooKeeperSilenceTest {
    private static final Duration TTL = Duration.ofSeconds(10);

    /** Another one answers. ZooKeeper's client alone leaves the silent one after two thirds of the TTL. */
    @Test
    void aSilentServerIsLeftBeforeTheLeaseIsOver() throws Exception {
        try (ZooKeeperStore store = ZooKeeperStore.start();
                FaultProxy first = proxy(store.endpoints());
                FaultProxy second = proxy(store.endpoints())) {
            String servers = "127.0.0.1:" + first.port() + ",127.0.0.1:" + second.port();
            try (HABackend backend = open(servers, TTL);
                    Lease lease = backend.lock(Key.of("lock"), "me").acquire()) {
                // Both sessions may be on one server; whichever it is, the lock's session has to move once.
                for (FaultProxy silent : List.of(first, second)) {
                    silent.apply(Fault.BLACK_HOLE);
                    awaitRenewal(lease);
                    silent.heal();
                }
            }
        }
    }

    /** Such a leader lets its clients' sessions in for seconds, and the others give them up from when they elected another. */
    @Test
    void toConnectAgainToALeaderThatIsCutOffRenewsNothing() throws Exception {
        Duration ttl = Duration.ofSeconds(3);
        try (ZooKeeperStore store = ZooKeeperStore.startCluster(3)) {
            StoreServer leader = awaitLeader(store);
            try (FaultProxy proxy = proxy(leader.endpoint());
                    HABackend backend = open("127.0.0.1:" + proxy.port(), ttl);
                    Lease lease = backend.lock(Key.of("lock"), "me").acquire()) {
                leader.isolate();
                long cut = System.nanoTime();
                while (lease.isHeld()) {
                    proxy.apply(Fault.RESET);
                    proxy.heal();
                    for (int i = 0; i < 20; i++) {
                        long deadline = System.nanoTime() + lease.remaining().toNanos();
                        assertThat(Duration.ofNanos(deadline - cut))
                                .as("how long the lease lasts after its leader was cut off")
                                .isLessThan(ttl);
                        TimeUnit.MILLISECONDS.sleep(10);
                    }
                }
            }
        }
    }

    /** A server is asked briefly, and one that does not answer in time seems not to lead. */
    private static StoreServer awaitLeader(ZooKeeperStore store) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            for (StoreServer server : store.control().servers()) {
                if (server.leads()) {
                    return server;
                }
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("without a server that leads")
                    .isLessThan(Duration.ofSeconds(30));
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static HABackend open(String endpoints, Duration ttl) {
        return (HABackend)
                Backends.load().open("zookeeper", Map.of("endpoints", endpoints, "lock_ttl", ttl.toSeconds() + "s"));
    }

    /** Returns when a renewal counts that was sent from now on: it alone moves the deadline so far. */
    private static void awaitRenewal(Lease lease) throws InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() + lease.remaining().toNanos() - start <= TTL.toNanos()) {
            assertThat(lease.isHeld())
                    .as("the lease while it waits for a renewal")
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static FaultProxy proxy(String server) {
        String[] address = server.split(":", -1);
        return FaultProxy.to(address[0], Integer.parseInt(address[1]));
    }
}
