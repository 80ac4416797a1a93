package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InMemLocksTest {
    private static final Key KEY = Key.of("core/lock");

    @RegisterExtension
    final Lab lab = new Lab();

    @Test
    void anUncontendedLockCostsOneRequestOnceTheSessionIsOpen() throws Exception {
        HALock lock = lab.open("1").lock(KEY, "me");
        lock.acquire().release();
        long before = lab.link("1").requests();

        Lease lease = lock.acquire();

        assertThat(lab.link("1").requests() - before).isOne();
        assertThat(lease.isHeld()).isTrue();
        lease.release();
        assertThat(lab.link("1").requests() - before).isEqualTo(2);
    }

    @Test
    void atMostOneHoldsAndTokensRise() throws Exception {
        AtomicInteger holders = new AtomicInteger();
        AtomicLong lastToken = new AtomicLong();
        List<CompletableFuture<Void>> contenders = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            HALock lock = lab.open("" + i).lock(KEY, "contender " + i);
            contenders.add(Lab.inBackground(() -> {
                for (int round = 0; round < 500; round++) {
                    try (Lease lease = lock.acquire()) {
                        assertThat(holders.incrementAndGet()).isOne();
                        assertThat(lease.token()).isGreaterThan(lastToken.getAndSet(lease.token()));
                        assertThat(lock.holder().map(Holder::token)).contains(lease.token());
                        holders.decrementAndGet();
                    }
                }
                return null;
            }));
        }
        for (CompletableFuture<Void> contender : contenders) {
            Lab.within(contender);
        }
    }

    @Test
    void waitersWinInTheOrderOfArrivalAndARequestEach() throws Exception {
        Lease lease = lab.open("0").lock(KEY, "holder").acquire();
        List<CompletableFuture<Lease>> waiters = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            HALock lock = lab.open("" + i).lock(KEY, "waiter " + i);
            waiters.add(Lab.inBackground(lock::acquire));
            int waiting = i;
            Lab.await("it waits", () -> lab.store.waiting("lab/", KEY) == waiting);
        }

        for (CompletableFuture<Lease> waiter : waiters) {
            lease.release();
            lease = Lab.within(waiter);
        }
        for (int i = 1; i <= 2; i++) {
            assertThat(lab.link("" + i).requests()).as("open, enter, leave").isEqualTo(3);
        }
    }

    @Test
    void theHolderIsKnownToAllAndNeverAWaiter() throws Exception {
        HALock mine = lab.open("1").lock(KEY, "mine");
        HALock other = lab.open("2").lock(KEY, "other");
        assertThat(other.holder()).isEmpty();
        Lease lease = mine.acquire();
        CompletableFuture<Optional<Lease>> waiting = Lab.inBackground(() -> other.tryAcquire(Lab.BOUND));
        Lab.await("it waits", () -> lab.store.waiting("lab/", KEY) == 1);

        assertThat(other.holder()).contains(new Holder("mine", lease.token()));

        lease.release();
        long token = Lab.within(waiting).orElseThrow().token();
        assertThat(mine.holder()).contains(new Holder("other", token));
    }

    @Test
    void tryingAnOccupiedLockCostsOneRequestAndLeavesNothing() throws Exception {
        lab.open("1").lock(KEY, "holder").acquire();
        HALock lock = lab.open("2").lock(KEY, "other");
        assertThat(lock.tryAcquire(Duration.ZERO)).isEmpty();
        long before = lab.link("2").requests();

        assertThat(lock.tryAcquire(Duration.ZERO)).isEmpty();

        assertThat(lab.link("2").requests() - before).isOne();
        assertThat(lab.store.waiting("lab/", KEY)).isZero();
    }

    @Test
    void aTimedOutWaiterLeavesNothing() throws Exception {
        Lease lease = lab.open("1").lock(KEY, "holder").acquire();

        assertThat(lab.open("2").lock(KEY, "late").tryAcquire(Duration.ofMillis(50)))
                .isEmpty();

        assertThat(lab.store.waiting("lab/", KEY)).isZero();
        lease.release();
        assertThat(lab.open("3").lock(KEY, "rival").tryAcquire(Duration.ZERO)).isPresent();
    }

    @Test
    void anInterruptedWaiterLeavesNothing() throws Exception {
        lab.open("1").lock(KEY, "holder").acquire();
        HALock lock = lab.open("2").lock(KEY, "other");
        CompletableFuture<Class<?>> outcome = new CompletableFuture<>();
        Thread waiter = Lab.start(() -> {
            try {
                outcome.complete(lock.acquire().getClass());
            } catch (InterruptedException | RuntimeException e) {
                outcome.complete(e.getClass());
            }
        });
        Lab.await("it waits", () -> lab.store.waiting("lab/", KEY) == 1);

        waiter.interrupt();

        assertThat(Lab.within(outcome)).isEqualTo(InterruptedException.class);
        assertThat(lab.store.waiting("lab/", KEY)).isZero();
    }

    @Test
    void anInterruptedThreadReleasesAllTheSame() throws Exception {
        Lease lease = lab.with("lock_ttl", "1h").open("1").lock(KEY, "holder").acquire();
        Thread.currentThread().interrupt();
        try {
            lease.release();
        } catch (BackendException.Unavailable e) {
            assertThat(e).hasMessageContaining("interrupted");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }

        assertThat(lab.open("2").lock(KEY, "rival").tryAcquire(Duration.ZERO)).isPresent();
    }

    @Test
    void aStaleHolderDoesNotFreeItsSuccessor() throws Exception {
        InMemBackend first = lab.open("1");
        Lease stale = first.lock(KEY, "first").acquire();
        lab.store.expireHolder("lab/", KEY);
        Lab.within(stale.lost().toCompletableFuture());
        Lease successor = lab.open("2").lock(KEY, "second").acquire();

        stale.release();
        first.close();

        assertThat(successor.isHeld()).isTrue();
        assertThat(lab.open("3").lock(KEY, "third").holder()).contains(new Holder("second", successor.token()));
    }

    @Test
    void closingReleasesLeasesAndFailsWaiters() throws Exception {
        InMemBackend backend = lab.with("lock_ttl", "1h").open("1");
        Lease lease = backend.lock(KEY, "me").acquire();
        HALock again = backend.lock(KEY, "me too");
        CompletableFuture<Lease> waiting = Lab.inBackground(again::acquire);
        Lab.await("it waits", () -> lab.store.waiting("lab/", KEY) == 1);

        backend.close();

        assertThat(lease.isHeld()).isFalse();
        assertThat(Lab.within(lease.lost().toCompletableFuture()).reason()).isEqualTo(Loss.Reason.CLOSED);
        InMemLinkTest.assertFails(waiting, BackendException.Closed.class);
        assertThat(lab.store.sessions()).isZero();
        assertThat(lab.open("2").lock(KEY, "rival").tryAcquire(Duration.ZERO)).isPresent();
    }

    @Test
    void aLostSessionIsReplacedByTheNextAcquire() throws Exception {
        HALock lock = lab.open("1").lock(KEY, "me");
        Lease lost = lock.acquire();
        lab.store.expireHolder("lab/", KEY);
        Lab.within(lost.lost().toCompletableFuture());

        Lease won = lock.acquire();

        assertThat(won.isHeld()).isTrue();
        assertThat(lost.isHeld()).isFalse();
        assertThat(won.token()).isGreaterThan(lost.token());
    }

    @Test
    void openingAndClosingLeavesNoThread() throws Exception {
        for (int i = 0; i < 100; i++) {
            InMemBackend backend = lab.open("1");
            backend.lock(KEY, "me").acquire();
            backend.close();
        }
        Lab.await(
                "only the store's own thread is left",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("holdfast-inmem-lease")));
    }
}
