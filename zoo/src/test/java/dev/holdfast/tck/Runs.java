package dev.holdfast.tck;

import java.util.List;
import java.util.function.Consumer;

/** Runs the kit for the zoo, with all that it has to say. */
public final class Runs {
    private Runs() {}

    /** These rules; {@code done} is told of each. */
    public static Report of(List<Rule> rules, Harness harness, long seed, Consumer<RuleResult> done) {
        try (Kit kit = new Kit(harness, seed)) {
            return kit.run(rules, new Kit.Listener() {
                @Override
                public void done(RuleResult result) {
                    done.accept(result);
                }
            });
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
        return of(List.of(rule), harness, seed, result -> {}).results().get(0);
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
