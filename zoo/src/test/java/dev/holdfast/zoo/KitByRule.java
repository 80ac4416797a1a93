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
 * {@code pit} of this module. A rule that cannot be checked any more, since a fault does not happen, has noticed
 * something, too. What a rule notices must be there when it looks a second time: a machine that was busy for a moment
 * has not found a mistake.
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
        RuleResult result = check(rule);
        if (result.outcome() != Outcome.PASS) {
            result = check(rule);
        }
        assertThat(result.outcome()).as(result.detail()).isEqualTo(Outcome.PASS);
    }

    private static RuleResult check(Rule rule) {
        return Runs.ofOneRule(rule, new InMemHarness(), SEED);
    }
}
