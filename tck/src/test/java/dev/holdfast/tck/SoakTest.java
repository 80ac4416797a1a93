package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tck.history.LockStatistics;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a soak makes of how long holders had been told of their loss when a rival won. */
class SoakTest {
    private static boolean kept(@Nullable Duration margin, Rule rule, long... millis) {
        try (Kit kit = new Kit(new OptionsHarness("fake", Map.of()), 42)) {
            Soak soak = new Soak(kit, List.of(rule), null, margin);
            List<Long> margins =
                    Arrays.stream(millis).map(each -> each * 1_000_000).boxed().toList();
            LockStatistics seen = new LockStatistics(9, margins.size(), margins, List.of(), List.of());
            CheckResult check = new CheckResult("check", Outcome.PASS, "", Duration.ZERO, List.of(), seen, null);
            soak.count(new RuleResult(rule, Outcome.PASS, "", Duration.ZERO, List.of(check)));
            return soak.keptMargin();
        }
    }

    @Test
    void oneMarginThatIsTooNarrowFailsIt() {
        Duration least = Duration.ofMillis(50);
        assertThat(kept(least, Rule.LO_02, 800, 50, 300)).isTrue();
        assertThat(kept(least, Rule.LO_02, 800, 49, 300)).isFalse();
    }

    @Test
    void aMarginIsAskedForOnlyWhenOneIsGiven() {
        assertThat(kept(null, Rule.LO_02, 1)).isTrue();
    }

    @Test
    void locksThatSomebodyTookAwayHaveNone() {
        assertThat(kept(Duration.ofMillis(50), Rule.LO_03, -10)).isTrue();
    }
}
