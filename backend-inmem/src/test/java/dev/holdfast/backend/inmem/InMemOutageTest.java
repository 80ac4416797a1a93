package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of locks, and of those who wait for them, when links fail and entries vanish. */
class InMemOutageTest {
    private static final Key KEY = Key.of("core/lock");

    @RegisterExtension
    final Lab lab = new Lab();

    @Test
    void aHolderThatIsCutOffHoldsNothingWhenARivalWins() throws Exception {
        Lease lease = lab.open("1").lock(KEY, "holder").acquire();
        HALock rival = lab.open("2").lock(KEY, "rival");
        CompletableFuture<Boolean> heldWhenTheRivalWon = Lab.inBackground(() -> {
            rival.acquire();
            return lease.isHeld();
        });
        Lab.await("the rival waits", () -> lab.store.waiting("lab/", KEY) == 1);

        lab.link("1").blackHole();

        assertThat(Lab.within(heldWhenTheRivalWon)).isFalse();
        assertThat(Lab.within(lease.lost().toCompletableFuture()).reason()).isEqualTo(Loss.Reason.EXPIRED);
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.remaining()).isZero();
    }

    @Test
    void aHolderThatHearsNothingIsToldBeforeItsSessionIsGivenUp() throws Exception {
        Lease lease = lab.with("lock_ttl", "6s").open("1").lock(KEY, "holder").acquire();
        CompletableFuture<Long> lostAt =
                lease.lost().thenApply(loss -> System.nanoTime()).toCompletableFuture();
        HALock rival = lab.open("2").lock(KEY, "rival");
        CompletableFuture<Long> wonAt = Lab.inBackground(() -> {
            rival.acquire();
            return System.nanoTime();
        });
        Lab.await("the rival waits", () -> lab.store.waiting("lab/", KEY) == 1);

        lab.link("1").loseReplies();

        assertThat(Lab.within(wonAt) - Lab.within(lostAt)).isPositive();
    }

    @Test
    void renewalKeepsALeaseThroughShortOutagesAndSlowReplies() throws Exception {
        Lease lease = lab.with("lock_ttl", "6s").open("1").lock(KEY, "holder").acquire();
        lab.link("1").delay(Duration.ofMillis(20));
        for (int i = 0; i < 2; i++) {
            long renewals = lab.link("1").renewals();
            lab.link("1").cut();
            Lab.await("a renewal failed", () -> lab.link("1").renewals() > renewals);
            lab.link("1").heal();
            Lab.await("two came through", () -> lab.link("1").renewals() > renewals + 2);
        }
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void aCallbackThatBlocksStopsNeitherRenewalNorOtherLosses() throws Exception {
        InMemBackend backend = lab.with("lock_ttl", "6s").open("1");
        Lease first = backend.lock(KEY, "me").acquire();
        Lease second = backend.lock(Key.of("second"), "me").acquire();
        Lease third = backend.lock(Key.of("third"), "me").acquire();
        CountDownLatch blocked = new CountDownLatch(1);
        CompletableFuture<Void> entered = new CompletableFuture<>();
        first.lost().thenAccept(loss -> {
            entered.complete(null);
            try {
                blocked.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            lab.store.deleteLock("lab/", KEY);
            Lab.within(entered);
            lab.store.deleteLock("lab/", Key.of("second"));
            Lab.within(second.lost().toCompletableFuture());
            long renewals = lab.link("1").renewals();
            Lab.await("more than a TTL passes", () -> lab.link("1").renewals() > renewals + 4);
            assertThat(third.isHeld()).isTrue();
        } finally {
            blocked.countDown();
        }
    }

    @Test
    void aGrantWhoseNewsIsLostIsSeenWithTheNextRenewal() throws Exception {
        Lease lease = lab.with("lock_ttl", "2s")
                .with("request_timeout", "10s")
                .open("1")
                .lock(KEY, "holder")
                .acquire();
        HALock waiter = lab.open("2").lock(KEY, "waiter");
        CompletableFuture<Lease> next = Lab.inBackground(waiter::acquire);
        Lab.await("it waits", () -> lab.store.waiting("lab/", KEY) == 1);
        Lab.await("it is past its entry", () -> lab.link("2").renewals() > 0);
        lab.link("2").loseReplies();
        lease.release();
        lab.link("2").heal();

        assertThat(Lab.within(next).isHeld()).isTrue();
    }

    @Test
    void aDeletionWhoseNewsIsLostIsSeenWithTheNextRenewal() throws Exception {
        Lease lease = lab.with("lock_ttl", "6s").open("1").lock(KEY, "holder").acquire();
        lab.link("1").loseReplies();
        lab.store.deleteLock("lab/", KEY);
        lab.link("1").heal();

        assertThat(Lab.within(lease.lost().toCompletableFuture()).reason()).isEqualTo(Loss.Reason.REVOKED);
    }

    @Test
    void aWaiterWhoseSessionExpiredIsNotGrantedButQueuesAgain() throws Exception {
        Lease lease = lab.with("request_timeout", "10s")
                .with("lock_ttl", "1h")
                .open("1")
                .lock(KEY, "holder")
                .acquire();
        HALock first = lab.with("lock_ttl", "600ms").open("2").lock(KEY, "first");
        CompletableFuture<Lease> outOfTouch = Lab.inBackground(first::acquire);
        Lab.await("it waits", () -> lab.store.waiting("lab/", KEY) == 1);
        HALock second = lab.with("lock_ttl", "5s").open("3").lock(KEY, "second");
        CompletableFuture<Lease> inTouch = Lab.inBackground(second::acquire);
        Lab.await("both wait", () -> lab.store.waiting("lab/", KEY) == 2);

        lab.link("2").cut();
        Lab.await("the first one's session expired", () -> lab.store.waiting("lab/", KEY) == 1);
        lease.release();
        lab.link("2").heal();

        Lease won = Lab.within(inTouch);
        assertThat(outOfTouch).isNotDone();
        won.release();
        assertThat(Lab.within(outOfTouch).token()).isGreaterThan(won.token());
    }

    @Test
    void aWaiterInALongOutageIsToldAndLeavesNothing() throws Exception {
        Lease lease = lab.open("1").lock(KEY, "holder").acquire();
        HALock lock = lab.open("2").lock(KEY, "waiter");
        CompletableFuture<Lease> waiting = Lab.inBackground(lock::acquire);
        Lab.await("it waits", () -> lab.store.waiting("lab/", KEY) == 1);

        lab.link("2").blackHole();

        InMemLinkTest.assertFails(waiting, BackendException.Unavailable.class);
        lab.link("2").heal();
        Lab.await("it is out of the queue", () -> lab.store.waiting("lab/", KEY) == 0);
        lease.release();
        assertThat(lab.open("3").lock(KEY, "rival").tryAcquire(Lab.BOUND)).isPresent();
    }

    @Test
    void anAcquireWhoseAnswerIsLostFailsAndIsWithdrawn() throws Exception {
        HALock lock = lab.open("1").lock(KEY, "me");
        lock.acquire().release();
        lab.link("1").dropNextReply();

        assertThatThrownBy(lock::acquire).isInstanceOf(BackendException.Unavailable.class);

        assertThat(lab.open("2").lock(KEY, "rival").tryAcquire(Duration.ZERO)).isPresent();
    }

    @Test
    void aReleaseThatFailsIsReportedAndRetried() throws Exception {
        Lease lease = lab.with("lock_ttl", "4s").open("1").lock(KEY, "holder").acquire();
        lab.link("1").cut();

        assertThatThrownBy(lease::release).isInstanceOf(BackendException.OutcomeUnknown.class);
        assertThat(lease.isHeld()).isFalse();
        lease.release();
        HALock rival = lab.open("2").lock(KEY, "rival");
        assertThat(rival.holder()).isPresent();
        lab.link("1").heal();

        long start = System.nanoTime();
        assertThat(rival.tryAcquire(Lab.BOUND)).isPresent();
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .as("the release came through, nobody waited for the expiry")
                .isLessThan(Duration.ofSeconds(3));
    }
}
