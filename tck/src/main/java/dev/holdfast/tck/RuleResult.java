package dev.holdfast.tck;

import java.time.Duration;

/**
 * What became of one rule.
 *
 * @param detail why, for every outcome but PASS: the whole text of a failure, or the reason of the others
 * @param took how long its checks took together
 */
public record RuleResult(Rule rule, Outcome outcome, String detail, Duration took) {}
