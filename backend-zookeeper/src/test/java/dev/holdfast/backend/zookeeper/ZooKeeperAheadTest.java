package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.faults.TcpLink;
import dev.holdfast.tck.faults.Traffic;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What wakes a waiter, and what it takes from that. */
@Timeout(120)
class ZooKeeperAheadTest {
    private static final Key LOCK = Key.of("core/lock");
    private static final String QUEUE = new ZooKeeperKeys("/ahead").queue(LOCK);
    private static final int HAND_OFFS = 20;

    private static ZooKeeperStore store;
    private static ZooKeeper raw;

    private HABackend holder;
    private HABackend waiter;
    private TcpLink link;

    @BeforeAll
    static void startStore() throws Exception {
        store = ZooKeeperStore.start();
        CountDownLatch connected = new CountDownLatch(1);
        raw = new ZooKeeper(store.endpoints(), 30_000, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        assertThat(connected.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @AfterAll
    static void stopStore() throws Exception {
        raw.close();
        store.close();
    }

    @BeforeEach
    void open() throws Exception {
        Map<String, String> options = Map.of("endpoints", store.endpoints(), "path", "ahead", "lock_ttl", "10s");
        link = TcpLink.between(Backends.load().provider("zookeeper").options(), options);
        holder = (HABackend) Backends.load().open("zookeeper", options);
        waiter = (HABackend) Backends.load().open("zookeeper", link.options());
        waiter.lock(LOCK, "waiter").acquire().release(); // makes the queue, and opens its session
    }

    @AfterEach
    void close() {
        waiter.close();
        holder.close();
        link.close();
    }

    private static CompletableFuture<Lease> acquiring(HABackend backend) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return backend.lock(LOCK, "waiter").acquire();
            } catch (InterruptedException e) {
                throw new CompletionException(e);
            }
        });
    }

    private static List<String> entries() throws Exception {
        return raw.getChildren(QUEUE, false).stream()
                .sorted((a, b) -> number(a).compareTo(number(b)))
                .toList();
    }

    private static String number(String entry) {
        return entry.substring(entry.lastIndexOf('-'));
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        while (!condition.call()) {
            Thread.sleep(1);
        }
    }

    @Test
    void aHandOffCostsTheOneThatWaitedNoRequest() throws Exception {
        long turns = 0;
        for (int i = 0; i < HAND_OFFS; i++) {
            Lease held = holder.lock(LOCK, "holder").acquire();
            Traffic before = link.traffic();
            CompletableFuture<Lease> next = acquiring(waiter);
            await(() ->
                    entries().size() == 2 && link.traffic().since(before).turns() >= 2); // its entry, and its watches
            Traffic waiting = link.traffic();
            held.release();
            Lease won = next.get(30, TimeUnit.SECONDS);
            turns += link.traffic().since(waiting).turns();
            won.release();
        }
        // Now and then one is just renewed, or set no watch yet and has to look.
        assertThat(turns).isLessThan(HAND_OFFS / 2);
    }

    @Test
    void whoseEntryIsDeletedWhileItWaitsQueuesAgain() throws Exception {
        Lease held = holder.lock(LOCK, "holder").acquire();
        CompletableFuture<Lease> next = acquiring(waiter);
        await(() -> entries().size() == 2);
        String first = entries().get(1);
        raw.delete(QUEUE + "/" + first, -1);
        await(() -> entries().size() == 2);
        assertThat(entries()).doesNotContain(first);
        held.release();
        try (Lease won = next.get(30, TimeUnit.SECONDS)) {
            assertThat(won.isHeld()).isTrue();
            assertThat(won.token()).isGreaterThan(held.token());
            assertThat(entries()).hasSize(1);
        }
    }

    /** Both at once, as who removes a lock does it: nobody holds it by an entry that is not there. */
    @Test
    void whoseEntryGoesBeforeTheOneAheadHasNotWon() throws Exception {
        for (int i = 0; i < HAND_OFFS; i++) {
            Lease held = holder.lock(LOCK, "holder").acquire();
            CompletableFuture<Lease> next = acquiring(waiter);
            await(() -> entries().size() == 2);
            List<String> both = entries();
            raw.delete(QUEUE + "/" + both.get(1), -1);
            delete(both.get(0));
            try (Lease won = next.get(30, TimeUnit.SECONDS)) {
                assertThat(won.isHeld()).isTrue();
                assertThat(entries())
                        .as("the entry by which it holds the lock")
                        .isNotEmpty()
                        .doesNotContain(both.get(1));
            }
            held.release();
        }
    }

    private static void delete(String entry) throws Exception {
        try {
            raw.delete(QUEUE + "/" + entry, -1);
        } catch (KeeperException.NoNodeException e) {
            // it is gone already
        }
    }
}
