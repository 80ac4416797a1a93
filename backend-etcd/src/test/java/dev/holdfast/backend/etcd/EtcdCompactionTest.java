package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.TcpLink;
import dev.holdfast.tck.stores.EtcdStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A watch breaks, and what it has missed is forgotten by etcd before it begins again. */
@Timeout(120)
class EtcdCompactionTest {
    private static final Key LOCK = Key.of("core/lock");

    /** So long that neither a lease nor a renewal ends within the test: only a watch can tell in time. */
    private static final String TTL = "120s";

    private static final long SOON_SECONDS = 15;

    private static EtcdStore store;

    @BeforeAll
    static void startStore() {
        store = EtcdStore.start();
    }

    @AfterAll
    static void stopStore() {
        store.close();
    }

    private static Map<String, String> options(String path) {
        return Map.of("endpoints", store.endpoints(), "path", path, "lock_ttl", TTL, "request_timeout", "3s");
    }

    private static HABackend open(Map<String, String> options) {
        return (HABackend) Backends.load().open("etcd", options);
    }

    private static TcpLink link(String path) {
        return TcpLink.between(EtcdOptions.SCHEMA, options(path));
    }

    /** The entries of who holds the lock and who waits for it, first come first. */
    private static List<String> queue(String path) {
        return store.etcdctl("get", path, "--prefix", "--keys-only", "--sort-by=CREATE")
                .lines()
                .filter(key -> key.contains(LOCK.path() + "//"))
                .toList();
    }

    /** All before the present, which is later than what anybody has missed. */
    private static void forgetAll() {
        store.etcdctl("put", "any", "later");
        String status = store.etcdctl("get", "any", "--write-out=json");
        store.etcdctl("compact", status.replaceAll("(?s).*\"revision\":(\\d+).*", "$1"), "--physical");
    }

    private static void awaitQueue(String path, int length) throws InterruptedException {
        long start = System.nanoTime();
        while (queue(path).size() != length) {
            assertThat(System.nanoTime() - start)
                    .as("in time: %d entries in the queue", length)
                    .isLessThan(TimeUnit.SECONDS.toNanos(SOON_SECONDS));
            Thread.sleep(10);
        }
    }

    @Test
    void aReleaseThatAWaitersWatchHasMissedIsNoticed() throws Exception {
        String path = "waiting/";
        try (TcpLink link = link(path);
                HABackend holder = open(options(path));
                HABackend waiter = open(link.options())) {
            Lease held = holder.lock(LOCK, "holder").acquire();
            FutureTask<Lease> won =
                    new FutureTask<>(() -> waiter.lock(LOCK, "waiter").acquire());
            Thread thread = new Thread(won, "waiter");
            thread.setDaemon(true);
            thread.start();
            awaitQueue(path, 2);
            link.apply(Fault.REFUSE);
            held.release();
            forgetAll();
            link.heal();
            assertThat(won.get(SOON_SECONDS, TimeUnit.SECONDS).isHeld()).isTrue();
        }
    }

    @Test
    void aRemovalThatAHoldersWatchHasMissedIsNoticed() throws Exception {
        String path = "holding/";
        try (TcpLink link = link(path);
                HABackend holder = open(link.options())) {
            Lease held = holder.lock(LOCK, "holder").acquire();
            link.apply(Fault.REFUSE);
            store.etcdctl("del", queue(path).get(0));
            forgetAll();
            link.heal();
            assertThat(held.lost()
                            .toCompletableFuture()
                            .get(SOON_SECONDS, TimeUnit.SECONDS)
                            .reason())
                    .isEqualTo(Loss.Reason.REVOKED);
        }
    }
}
