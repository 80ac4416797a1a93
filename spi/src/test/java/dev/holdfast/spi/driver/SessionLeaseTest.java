package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Loss.Reason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How a lease ends, and who is told. */
class SessionLeaseTest extends LeaseLab {
    @Test
    void aLeaseIsWhatWasGranted() {
        SessionLease lease = grant(sessionSentBefore(Duration.ZERO));

        assertThat(lease.key()).isEqualTo(KEY);
        assertThat(lease.token()).isEqualTo(7);
        assertThat(lease.isHeld()).isTrue();
        assertThat(lease.remaining()).isPositive().isLessThanOrEqualTo(VALID);
        assertThat(lease.lost().toCompletableFuture()).isNotDone();
    }

    @Test
    void aReleasePastTheDeadlineIsALoss() throws Exception {
        LeaseSession session = sessionSentBefore(VALID.minusSeconds(1));
        SessionLease lease = grant(session);
        holdUpTheTimer();
        Waits.await("the deadline passes", () -> !lease.isHeld());

        lease.release();

        assertThat(Waits.within(lease.lost()).reason()).isEqualTo(Reason.EXPIRED);
        assertThat(releases).hasValue(0);
    }

    @Test
    void theFirstReasonStandsAndIsToldOnce() throws Exception {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        SessionLease lease = grant(session);
        AtomicInteger told = new AtomicInteger();
        CompletableFuture<Integer> telling =
                lease.lost().thenApply(loss -> told.incrementAndGet()).toCompletableFuture();

        session.end(REVOKED);
        session.end(new Loss(Reason.CLOSED, "too late"));
        lease.lose(new Loss(Reason.EXPIRED, "too late"));
        lease.release();

        assertThat(Waits.within(lease.lost())).isEqualTo(REVOKED);
        assertThat(Waits.within(telling)).isOne();
        assertThat(told).hasValue(1);
        Waits.await("the driver is told", () -> !ends.isEmpty());
        assertThat(ends).containsExactly(REVOKED);
        assertThat(releases).hasValue(0);
    }

    @Test
    void aCallbackThatBlocksHoldsUpNeitherOtherLossesNorTheTimer() throws Exception {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        SessionLease first = grant(session);
        SessionLease second = grant(session);
        CompletableFuture<Void> blocked = new CompletableFuture<>();
        first.lost().thenAccept(loss -> {
            blocked.complete(null);
            block();
        });
        first.lose(REVOKED);
        Waits.within(blocked);

        session.end(REVOKED);

        assertThat(Waits.within(second.lost())).isEqualTo(REVOKED);
        CompletableFuture<Void> tick = new CompletableFuture<>();
        threads.after(0, () -> tick.complete(null));
        Waits.within(tick);
    }

    @Test
    void callbacksRunOnAThreadOfTheirOwn() throws Exception {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        CompletableFuture<Thread> told =
                grant(session).lost().thenApply(loss -> Thread.currentThread()).toCompletableFuture();

        session.end(REVOKED);

        assertThat(Waits.within(told).getName()).isEqualTo("holdfast-test-lost");
        assertThat(Waits.within(told).isDaemon()).isTrue();
    }

    @Test
    void nobodyButTheSessionCompletesTheLoss() throws Exception {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        SessionLease lease = grant(session);

        lease.lost().toCompletableFuture().complete(new Loss(Reason.CLOSED, "forged"));
        assertThat(lease.lost().toCompletableFuture()).isNotDone();
        session.end(REVOKED);

        assertThat(Waits.within(lease.lost())).isEqualTo(REVOKED);
    }

    @Test
    void oneLeaseCanBeLostAlone() throws Exception {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        SessionLease lost = grant(session);
        SessionLease kept = grant(session);

        lost.lose(REVOKED);

        assertThat(Waits.within(lost.lost())).isEqualTo(REVOKED);
        assertThat(lost.isHeld()).isFalse();
        assertThat(kept.isHeld()).isTrue();
        assertThat(session.isAlive()).isTrue();
        assertThat(ends).isEmpty();
    }

    @Test
    void aReleaseIsToldToTheStoreOnceAndAfterTheLeaseIsOver() {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        AtomicInteger heldAtRelease = new AtomicInteger();
        CompletableFuture<SessionLease> self = new CompletableFuture<>();
        SessionLease lease = session.grant(KEY, 7, () -> {
                    releases.incrementAndGet();
                    heldAtRelease.addAndGet(self.join().isHeld() ? 1 : 0);
                })
                .orElseThrow();
        self.complete(lease);

        lease.release();
        lease.close();

        assertThat(releases).hasValue(1);
        assertThat(heldAtRelease).hasValue(0);
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.remaining()).isZero();
    }

    @Test
    void closingALeaseReleasesIt() {
        SessionLease lease = grant(sessionSentBefore(Duration.ZERO));

        lease.close();

        assertThat(releases).hasValue(1);
        assertThat(lease.isHeld()).isFalse();
    }

    @Test
    void aReleaseIsNoLoss() throws Exception {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        SessionLease released = grant(session);
        SessionLease held = grant(session);
        released.release();

        session.end(REVOKED);

        assertThat(Waits.within(held.lost())).isEqualTo(REVOKED);
        assertThat(released.lost().toCompletableFuture()).isNotDone();
    }
}
