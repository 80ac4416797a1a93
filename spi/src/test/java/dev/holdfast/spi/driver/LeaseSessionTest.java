package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Loss.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaseSessionTest {
    private static final Key KEY = Key.of("core/lock");
    private static final Duration TTL = Duration.ofSeconds(10);

    /** Of the ten seconds one is the margin. */
    private static final Duration VALID = Duration.ofSeconds(9);

    private static final Loss REVOKED = new Loss(Reason.REVOKED, "an administrator did it");

    private final LeaseThreads threads = new LeaseThreads("test");
    private final List<Loss> ends = new CopyOnWriteArrayList<>();
    private final AtomicInteger releases = new AtomicInteger();
    private final CountDownLatch unblock = new CountDownLatch(1);

    @AfterEach
    void stop() {
        unblock.countDown();
        threads.close();
    }

    private LeaseSession sessionSentBefore(Duration age) {
        return new LeaseSession(threads, TTL, System.nanoTime() - age.toNanos(), ends::add);
    }

    private SessionLease grant(LeaseSession session) {
        return session.grant(KEY, 7, releases::incrementAndGet).orElseThrow();
    }

    /** As in a process that is short of time: what is due happens later. */
    private void holdUpTheTimer() throws Exception {
        CompletableFuture<Void> held = new CompletableFuture<>();
        threads.after(0, () -> {
            held.complete(null);
            block();
        });
        Waits.within(held);
    }

    private void block() {
        try {
            unblock.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @CsvSource({"100, 50", "200, 100", "600, 100", "1000, 100", "2000, 200", "10000, 1000", "60000, 1000"})
    void theMarginIsATenthWithinBounds(long ttlMillis, long marginMillis) {
        assertThat(LeaseSession.margin(Duration.ofMillis(ttlMillis))).isEqualTo(Duration.ofMillis(marginMillis));
    }

    @Test
    void itIsRenewedOftenEnoughToFailTwice() {
        assertThat(sessionSentBefore(Duration.ZERO).renewalPeriod().multipliedBy(3))
                .isLessThan(VALID);
    }

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
    void theDeadlineCountsFromTheSendingOfTheFirstRequest() {
        assertThat(grant(sessionSentBefore(Duration.ofSeconds(5))).remaining())
                .isPositive()
                .isLessThanOrEqualTo(VALID.minusSeconds(5));
    }

    @Test
    void theDeadlineCountsFromTheSendingOfTheLastRenewal() {
        LeaseSession session = sessionSentBefore(Duration.ofSeconds(5));
        SessionLease lease = grant(session);

        session.renewed(System.nanoTime() - Duration.ofSeconds(2).toNanos());

        assertThat(lease.remaining()).isGreaterThan(VALID.minusSeconds(5)).isLessThanOrEqualTo(VALID.minusSeconds(2));
    }

    @Test
    void anAnswerThatWasOvertakenDoesNotShortenTheLease() {
        LeaseSession session = sessionSentBefore(Duration.ofSeconds(2));
        SessionLease lease = grant(session);

        session.renewed(System.nanoTime() - Duration.ofSeconds(5).toNanos());

        assertThat(lease.remaining()).isGreaterThan(VALID.minusSeconds(5));
    }

    @Test
    void aSessionThatWasConfirmedTooLateHasEnded() {
        LeaseSession session = sessionSentBefore(VALID);

        assertThat(session.isAlive()).isFalse();
        assertThat(session.grant(KEY, 7, releases::incrementAndGet)).isEmpty();
        assertThat(ends).extracting(Loss::reason).containsExactly(Reason.EXPIRED);
    }

    @Test
    void withoutRenewalEveryLeaseIsLostAtTheDeadline() throws Exception {
        LeaseSession session = sessionSentBefore(VALID.minusSeconds(1));
        SessionLease first = grant(session);
        SessionLease second = grant(session);

        assertThat(Waits.within(first.lost()).reason()).isEqualTo(Reason.EXPIRED);
        assertThat(Waits.within(second.lost()).reason()).isEqualTo(Reason.EXPIRED);

        assertThat(first.isHeld()).isFalse();
        assertThat(first.remaining()).isZero();
        Waits.await("the driver is told", () -> !ends.isEmpty());
        assertThat(ends).extracting(Loss::reason).containsExactly(Reason.EXPIRED);
        assertThat(releases).hasValue(0);
    }

    @Test
    void renewalMovesTheDeadline() throws Exception {
        LeaseSession session = sessionSentBefore(VALID.minusSeconds(1));
        SessionLease lease = grant(session);
        long renewed = System.nanoTime();
        session.renewed(renewed);

        Waits.await("the first deadline passes", () -> System.nanoTime() - renewed > 1_100_000_000);

        assertThat(lease.isHeld()).isTrue();
        assertThat(ends).isEmpty();
    }

    @Test
    void nothingIsHeldPastTheDeadlineThoughTheTimerIsLate() throws Exception {
        LeaseSession session = sessionSentBefore(VALID.minusSeconds(1));
        SessionLease lease = grant(session);
        holdUpTheTimer();

        Waits.await("the deadline passes", () -> !lease.isHeld());

        assertThat(lease.remaining()).isZero();
        assertThat(session.isAlive()).isFalse();
        assertThat(session.grant(KEY, 8, releases::incrementAndGet)).isEmpty();
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
    void anEndedSessionNeverComesBack() {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        SessionLease lease = grant(session);
        session.end(REVOKED);

        session.renewed(System.nanoTime());

        assertThat(session.isAlive()).isFalse();
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.remaining()).isZero();
        assertThat(session.grant(KEY, 8, releases::incrementAndGet)).isEmpty();
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

    @Test
    void whereTimeStandsStillNothingIsHeld() {
        threads.close();

        LeaseSession session = sessionSentBefore(Duration.ZERO);

        assertThat(session.isAlive()).isFalse();
        assertThat(ends).extracting(Loss::reason).containsExactly(Reason.CLOSED);
    }

    @Test
    void anAnswerAfterTheDeadlineRevivesNothing() throws Exception {
        LeaseSession session = sessionSentBefore(VALID.minusMillis(50));
        SessionLease lease = grant(session);
        holdUpTheTimer();
        Waits.await("the deadline passes", () -> !lease.isHeld());

        session.renewed(System.nanoTime());

        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.remaining()).isZero();
        assertThat(Waits.within(lease.lost()).reason()).isEqualTo(Reason.EXPIRED);
    }

    @Test
    void theDriverIsToldAfterTheHolders() throws Exception {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        AtomicInteger endsSeen = new AtomicInteger(-1);
        CompletableFuture<Void> seen = grant(session)
                .lost()
                .thenAccept(loss -> endsSeen.set(ends.size()))
                .toCompletableFuture();

        session.end(REVOKED);

        Waits.within(seen);
        assertThat(endsSeen).as("ends told when the holder was").hasValue(0);
        Waits.await("the driver is told", () -> !ends.isEmpty());
    }

    @Test
    void aHolderThatBlocksDoesNotKeepTheDriverFromBeingTold() {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        var unused = grant(session).lost().thenAccept(loss -> block());

        session.end(REVOKED);

        Waits.await("the driver is told", () -> !ends.isEmpty());
    }

    @Test
    void aSessionEndsAlsoAfterItsThreads() throws Exception {
        LeaseSession session = sessionSentBefore(Duration.ZERO);
        SessionLease lease = grant(session);
        threads.close();

        session.end(REVOKED);

        assertThat(Waits.within(lease.lost())).isEqualTo(REVOKED);
        Waits.await("the driver is told", () -> !ends.isEmpty());
    }
}
