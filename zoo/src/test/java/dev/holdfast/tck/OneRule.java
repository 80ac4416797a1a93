package dev.holdfast.tck;

/** Lets the zoo run the kit with one rule and have the whole answer. */
public final class OneRule {
    private OneRule() {}

    /** Starts the harness, checks the rule, closes the harness. */
    public static RuleResult check(Rule rule, Harness harness, long seed) {
        try (Kit kit = new Kit(harness, seed)) {
            return kit.run(rule, new Kit.Listener() {});
        }
    }

    /** Whether the kit can check this rule at all. */
    public static boolean hasCheck(Rule rule) {
        return !Check.of(rule).isEmpty();
    }
}
