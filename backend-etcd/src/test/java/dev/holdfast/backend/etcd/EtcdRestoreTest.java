package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.HANode;
import dev.holdfast.ha.HAStorage;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.tck.stores.EtcdStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real etcd that is taken back to a backup while its clients live on; what docs/etcd.md says of that. */
@Timeout(180)
class EtcdRestoreTest {
    private static final Key LOCK = Key.of("core/lock");
    private static final Key KEY = Key.of("x");

    private static EtcdStore store;

    @BeforeAll
    static void startStore() {
        store = EtcdStore.start();
    }

    @AfterAll
    static void stopStore() {
        store.close();
    }

    /** With a TTL that outlasts the restoration: no lease ends by itself meanwhile. */
    private static HABackend open(String path) {
        return (HABackend) Backends.load().open("etcd", options(path));
    }

    private static Map<String, String> options(String path) {
        return Map.of("endpoints", store.endpoints(), "path", path, "lock_ttl", "20s", "request_timeout", "3s");
    }

    private static Backend fenced(HABackend client, Lease lease) {
        return ((FencingBackend) client).fence(lease.token());
    }

    private static Entry entry(String value) {
        return Entry.of(KEY, value.getBytes(StandardCharsets.UTF_8));
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start).as("in time: " + what).isLessThan(TimeUnit.SECONDS.toNanos(60));
            Thread.sleep(10);
        }
    }

    private static boolean answers(Backend client) {
        try {
            return client.get(KEY).isPresent();
        } catch (BackendException.Unavailable e) {
            return false;
        }
    }

    @Test
    void whoHeldTheLockAfterTheBackupIsStoppedAndTheSameInstancesGoOn() throws Exception {
        try (HABackend first = open("holders");
                HABackend second = open("holders")) {
            try (Lease before = first.lock(LOCK, "first").acquire()) {
                fenced(first, before).put(entry("backed up"));
                store.takeSnapshot();
            }
            Lease after = second.lock(LOCK, "second").acquire();
            Backend view = fenced(second, after);
            view.put(entry("not backed up"));

            store.restoreSnapshot();

            await("the store answers", () -> answers(second));
            assertThatThrownBy(() -> view.put(entry("late")))
                    .isInstanceOf(BackendException.Corrupt.class)
                    .hasMessageContaining("was the store restored from a backup? Win the lock again");
            assertThat(after.lost()
                            .toCompletableFuture()
                            .get(60, TimeUnit.SECONDS)
                            .reason())
                    .isEqualTo(Loss.Reason.REVOKED);
            try (Lease next =
                    first.lock(LOCK, "first").tryAcquire(Duration.ofSeconds(60)).orElseThrow()) {
                Backend now = fenced(first, next);
                assertThat(now.get(KEY)).contains(entry("backed up"));
                now.put(entry("new"));
            }
        }
    }

    /** The backup has the entry of a lock that its holder released later, and the holder's session lives on. */
    @Test
    void whatWasReleasedAfterTheBackupIsFreeAlsoAfterTheRestoration() throws Exception {
        try (HABackend holder = open("released");
                HABackend rival = open("released")) {
            Lease other = holder.lock(Key.of("other"), "holder").acquire(); // so that the session is renewed
            try (Lease released = holder.lock(LOCK, "holder").acquire()) {
                assertThat(released.isHeld()).isTrue();
                store.takeSnapshot();
            }

            store.restoreSnapshot();

            Lease won = null;
            long start = System.nanoTime();
            while (won == null && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(60)) {
                try {
                    won = rival.lock(LOCK, "rival")
                            .tryAcquire(Duration.ofSeconds(30))
                            .orElse(null);
                } catch (BackendException.Unavailable e) {
                    Thread.sleep(20); // not yet back
                }
            }
            assertThat(won).as("the lock that nobody holds").isNotNull();
            assertThat(other.isHeld()).as("the lock that was in the backup").isTrue();
        }
    }

    /** The backup has an entry of the same session and name, which was released; what was won after that is lost. */
    @Test
    void aLockThatItsHolderWonOnceMoreAfterTheBackupIsLostAndFree() throws Exception {
        try (HABackend holder = open("again");
                HABackend rival = open("again")) {
            try (Lease before = holder.lock(LOCK, "holder").acquire()) {
                assertThat(before.isHeld()).isTrue();
                store.takeSnapshot();
            }
            Lease again = holder.lock(LOCK, "holder").acquire();
            CountDownLatch over = new CountDownLatch(1);
            var unused = again.lost().thenAccept(loss -> awaitQuietly(over)); // who is told takes its time

            store.restoreSnapshot();

            assertThat(again.lost()
                            .toCompletableFuture()
                            .get(60, TimeUnit.SECONDS)
                            .reason())
                    .isEqualTo(Loss.Reason.REVOKED);
            try (Lease won =
                    rival.lock(LOCK, "rival").tryAcquire(Duration.ofSeconds(15)).orElseThrow()) {
                assertThat(won.isHeld()).isTrue();
            } finally {
                over.countDown();
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            boolean ignored = latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As after a copy of all keys into a new cluster. */
    @Test
    void noNodeBecomesActiveWhileTokensAreBehindTheFenceUntilThatIsAdoptedOnPurpose() throws Exception {
        try (HABackend before = open("copied")) {
            Backend unused = ((FencingBackend) before).fence(900_000_000_000L);
        }
        Queue<HAEvent> events = new ConcurrentLinkedQueue<>();
        try (HAStorage pair = HAStorage.open(Backends.load(), "etcd", options("copied"));
                HANode node = HANode.of(pair, LOCK, "node").onEvent(events::add).start()) {
            await(
                    "the node says so",
                    () -> events.stream().anyMatch(event -> event.kind() == HAEvent.Kind.LOCK_STORE_BEHIND));
            await("and waits", () -> node.state() == HANode.State.BLOCKED);
            assertThatThrownBy(() -> pair.adoptLockStore(LOCK, "yes")).hasMessageContaining("nothing was changed");
            assertThat(node.term()).isEmpty();

            pair.adoptLockStore(LOCK, "new lock store 1 for core/lock");

            await("it is active", () -> node.term().isPresent());
            node.term().orElseThrow().storage().put(entry("adopted"));
            assertThat(pair.storage().get(KEY)).contains(entry("adopted"));
        }
    }
}
