package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a failed check comes to on a machine that was late. */
class TrialsTest {
    /** Checks that fail. */
    public static final class Failing {
        /** As a lease that is over. */
        public void somethingIsLate(Trial trial) {
            assertThat(trial.machine()).as("a lease is over").isNull();
        }

        /** As a history shows them. */
        public void twoHold(Trial trial) {
            Violation.throwIfAny(Optional.of("two holders"));
        }
    }

    /** On a machine on which what is due when the check begins comes so much later. */
    private static CheckResult result(Rule rule, String check, Duration late) throws NoSuchMethodException {
        Check failing = new Check(
                rule, check, Duration.ofSeconds(60), false, false, Failing.class.getMethod(check, Trial.class));
        Pulse machine = new Pulse();
        long due = System.nanoTime();
        machine.count(due, due + late.toNanos());
        try (Trials trials = new Trials(new OptionsHarness("fake", Map.of()), machine)) {
            return trials.make(failing, 42);
        }
    }

    @Test
    void whatCountsOnLeasesAndBoundsDecidesNothing() throws NoSuchMethodException {
        CheckResult result = result(Rule.LO_02, "somethingIsLate", Duration.ofSeconds(4));
        assertThat(result.outcome()).isEqualTo(Outcome.UNVERIFIED);
        assertThat(result.detail()).contains("this machine is too busy", "a lease is over", "4000 ms late");
    }

    @Test
    void aQuarterOfALeaseIsWhatCounts() throws NoSuchMethodException {
        assertThat(result(Rule.LO_02, "somethingIsLate", Duration.ofMillis(3_750))
                        .outcome())
                .isEqualTo(Outcome.UNVERIFIED);
        assertThat(result(Rule.LO_02, "somethingIsLate", Duration.ofMillis(3_749))
                        .outcome())
                .isEqualTo(Outcome.FAIL);
    }

    @Test
    void noLatenessExplainsTwoHolders() throws NoSuchMethodException {
        assertThat(result(Rule.HA_01, "twoHold", Duration.ofSeconds(4)).outcome())
                .isEqualTo(Outcome.FAIL);
    }

    @Test
    void noLatenessExplainsAWrongValue() throws NoSuchMethodException {
        assertThat(result(Rule.KV_03, "somethingIsLate", Duration.ofSeconds(4)).outcome())
                .isEqualTo(Outcome.FAIL);
    }
}
