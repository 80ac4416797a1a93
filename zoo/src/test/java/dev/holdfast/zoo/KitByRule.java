package dev.holdfast.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.backend.inmem.InMemHarness;
import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.RuleResult;
import dev.holdfast.tck.Runs;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kit on the in-memory backend, a test for each rule: what the mutation test of that backend runs, see the profile
 * {@code pit} of this module. A rule that cannot be checked any more, since a fault does not happen, has noticed something,
 * too: only PASS will do, so that it wants a machine without other work.
 */
class KitByRule {
    private static final long SEED = 1;

    static Stream<Rule> rules() {
        String only = System.getProperty("holdfast.rules", "");
        return Arrays.stream(Rule.values())
                .filter(rule -> only.isEmpty() || List.of(only.split(",", -1)).contains(rule.id()));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void passes(Rule rule) {
        RuleResult result = Runs.ofOneRule(rule, new InMemHarness(), SEED);
        assertThat(result.outcome()).as(result.detail()).isEqualTo(Outcome.PASS);
    }
}
