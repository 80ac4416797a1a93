package dev.holdfast.tck;

import java.util.List;

/** Runs the kit for the zoo, with all that it has to say. */
public final class Runs {
    private Runs() {}

    /** All rules. */
    public static Report ofAllRules(Harness harness, long seed) {
        try (Kit kit = new Kit(harness, seed)) {
            return kit.run(List.of(Rule.values()), new Kit.Listener() {});
        }
    }

    /** One check of a rule after the other, until one fails. */
    public static RuleResult untilItFails(Rule rule, Harness harness, long seed) {
        try (Kit kit = new Kit(harness, seed)) {
            return kit.run(rule, new Kit.Listener() {});
        }
    }

    /** All checks of a rule, beside each other where they may. */
    public static RuleResult ofOneRule(Rule rule, Harness harness, long seed) {
        try (Kit kit = new Kit(harness, seed)) {
            return kit.run(List.of(rule), new Kit.Listener() {}).results().get(0);
        }
    }

    /** Whether all checks of a rule may run beside others. */
    public static boolean bearsCompany(Rule rule) {
        return Check.of(rule).stream().allMatch(Check::parallel);
    }

    /** Whether the kit can check this rule at all. */
    public static boolean hasCheck(Rule rule) {
        return !Check.of(rule).isEmpty();
    }
}
