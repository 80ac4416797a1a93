package dev.holdfast.tck;

import java.util.List;

/** Lets the zoo run the kit with one rule and have the whole answer. */
public final class OneRule {
    private OneRule() {}

    /** One check after the other, until one fails. */
    public static RuleResult untilItFails(Rule rule, Harness harness, long seed) {
        try (Kit kit = new Kit(harness, seed)) {
            return kit.run(rule, new Kit.Listener() {});
        }
    }

    /** All checks, beside each other where they may. */
    public static RuleResult whole(Rule rule, Harness harness, long seed) {
        try (Kit kit = new Kit(harness, seed)) {
            return kit.run(List.of(rule), new Kit.Listener() {}).results().get(0);
        }
    }

    /** Whether the kit can check this rule at all. */
    public static boolean hasCheck(Rule rule) {
        return !Check.of(rule).isEmpty();
    }
}
