package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Loss.Reason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a session ends. */
class LeaseSessionTest extends LeaseLab {
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
