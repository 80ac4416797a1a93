package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PulseTest {
    private static final Duration BOUND = Duration.ofSeconds(1);
    private static final Duration ROOM = Duration.ofMillis(100);

    private final Pulse pulse = new Pulse();
    private final long from = System.nanoTime() - TimeUnit.SECONDS.toNanos(1);

    private void late(long millisAfter, long lateMillis) {
        long due = from + TimeUnit.MILLISECONDS.toNanos(millisAfter);
        pulse.count(due, due + TimeUnit.MILLISECONDS.toNanos(lateMillis));
    }

    @Test
    void whatIsLateOnAPunctualMachineHasFailed() {
        late(100, 1);
        late(900, 20);
        assertThatThrownBy(() -> pulse.tooLate("no answer", BOUND, from))
                .isInstanceOf(AssertionError.class)
                .hasMessage("no answer");
    }

    @Test
    void whatIsLateOnABusyMachineCannotBeTold() {
        late(100, 1);
        late(300, 200);
        late(900, 1);
        assertThat(pulse.tooLate("no answer", BOUND, from))
                .hasMessageContaining("too busy")
                .hasMessageContaining("no answer")
                .hasMessageContaining("200 ms late");
    }

    @Test
    void whatWasLateBeforeDoesNotCount() {
        late(-500, 200);
        late(100, 1);
        assertThatThrownBy(() -> pulse.tooLate("no answer", BOUND, from)).isInstanceOf(AssertionError.class);
    }

    @Test
    void aMachineThatDidNothingAtAllWasBusy() {
        assertThat(pulse.tooLate("no answer", BOUND, from)).hasMessageContaining("too busy");
    }

    @Test
    void whatHappensIsExcusedByAMachineThatIsLaterThanItsRoom() {
        late(100, 20);
        long to = from + TimeUnit.MILLISECONDS.toNanos(500);
        assertThatThrownBy(() -> pulse.unexpected("a loss", Duration.ofMillis(21), from, to))
                .isInstanceOf(AssertionError.class)
                .hasMessage("a loss");
        assertThat(pulse.unexpected("a loss", Duration.ofMillis(20), from, to))
                .hasMessageContaining("a loss")
                .hasMessageContaining("20 ms late");
    }

    @Test
    void whatIsLateAfterwardsIsNoExcuse() {
        late(100, 1);
        late(700, 200);
        long to = from + TimeUnit.MILLISECONDS.toNanos(500);
        assertThatThrownBy(() -> pulse.unexpected("a loss", Duration.ofMillis(20), from, to))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void whatWasDueAndHasNotRunYetIsLate() {
        long due = from + TimeUnit.MILLISECONDS.toNanos(500);
        late(100, 1);
        pulse.expect(due);
        pulse.expect(from + TimeUnit.HOURS.toNanos(1));
        assertThat(pulse.worst(from, System.nanoTime()))
                .isBetween(Duration.ofMillis(500), Duration.ofNanos(System.nanoTime() - due));

        late(500, 2);
        assertThat(pulse.worst(from, System.nanoTime())).as("once it has run").isEqualTo(Duration.ofMillis(2));
    }

    @Test
    void aFailureOnAPunctualMachineIsWhatItWas() {
        late(100, 99);
        AssertionError failure = new AssertionError("no answer");
        assertThat(pulse.shown(failure, ROOM, from)).isSameAs(failure);
    }

    @Test
    void aFailureOnALateMachineShowsNothingAndIsTold() {
        late(100, 100);
        assertThat(pulse.shown(new AssertionError("no answer"), ROOM, from))
                .isInstanceOf(UnverifiedException.class)
                .hasMessageContaining("too busy")
                .hasMessageContaining("no answer")
                .hasMessageContaining("100 ms late");
    }

    @Test
    void aViolationIsOneOnAnyMachine() {
        late(100, 100);
        Violation violation = new Violation("two holders");
        AssertionError fromIt = new AssertionError("no answer", violation);
        AssertionError besideIt = new AssertionError("no answer");
        besideIt.addSuppressed(new IllegalStateException(violation));
        for (AssertionError failure : List.of(violation, fromIt, besideIt)) {
            assertThat(pulse.shown(failure, ROOM, from)).isSameAs(failure);
        }
    }

    @Test
    void itBeatsUntilItIsClosed() throws InterruptedException {
        try (Pulse beating = Pulse.start()) {
            long start = System.nanoTime();
            while (beating.worst(start, System.nanoTime()).compareTo(Duration.ofNanos(System.nanoTime() - start))
                    >= 0) {
                assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(30));
                Thread.sleep(1);
            }
        }
    }
}
