package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @Test
    void noTimeIsOverAtOnce() {
        Deadline now = Deadline.after(Duration.ZERO);

        assertThat(now.passed()).isTrue();
        assertThat(now.remainingNanos()).isZero();
        assertThat(now.remaining(HOUR)).isZero();
    }

    @Test
    void passesAndStaysPassed() {
        Deadline soon = Deadline.after(Duration.ofMillis(20));
        Waits.await("it passes", soon::passed);

        assertThat(soon.passed()).isTrue();
        assertThat(soon.remainingNanos()).isZero();
    }

    @Test
    void countsDown() {
        Deadline deadline = Deadline.after(HOUR);
        long before = deadline.remainingNanos();
        Waits.await("time goes by", () -> deadline.remainingNanos() < before);

        assertThat(deadline.passed()).isFalse();
        assertThat(before).isPositive().isLessThanOrEqualTo(HOUR.toNanos());
    }

    @Test
    void neverNeverPasses() {
        assertThat(Deadline.NEVER.passed()).isFalse();
        assertThat(Deadline.NEVER.remainingNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(Deadline.NEVER.remaining(HOUR)).isEqualTo(HOUR);
    }

    @Test
    void timesTooLongForTheClockAreNever() {
        assertThat(Deadline.after(Duration.ofSeconds(Long.MAX_VALUE))).isSameAs(Deadline.NEVER);
        assertThat(Deadline.after(Duration.ofDays(36_500)).passed()).isFalse();
        assertThat(Deadline.after(Duration.ofDays(36_500)).remainingNanos())
                .isGreaterThan(Duration.ofDays(36_499).toNanos());
    }

    @Test
    void whatRemainsIsBounded() {
        assertThat(Deadline.after(HOUR).remaining(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
        assertThat(Deadline.after(Duration.ofSeconds(10)).remaining(HOUR))
                .isBetween(Duration.ZERO, Duration.ofSeconds(10));
    }
}
