package dev.holdfast.tck;

import java.time.Duration;
import java.util.List;

/**
 * What became of one rule.
 *
 * @param detail why, for every outcome but PASS: the whole text of a failure, or the reason of the others
 * @param took how long its checks took together
 * @param checks those that were made; none after the first that failed
 */
public record RuleResult(Rule rule, Outcome outcome, String detail, Duration took, List<CheckResult> checks) {
    /** Takes a copy. */
    public RuleResult {
        checks = List.copyOf(checks);
    }
}
