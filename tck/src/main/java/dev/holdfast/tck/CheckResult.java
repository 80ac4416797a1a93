package dev.holdfast.tck;

import dev.holdfast.tck.report.Timeline;
import java.time.Duration;
import java.util.List;

/**
 * What became of one check of a rule.
 *
 * @param name of the method that makes it
 * @param detail what was observed when it failed, or why it could not be made; empty for PASS
 * @param took how long it took
 * @param timelines who held what when, where the check recorded it
 */
public record CheckResult(String name, Outcome outcome, String detail, Duration took, List<Timeline> timelines) {
    /** Takes a copy. */
    public CheckResult {
        timelines = List.copyOf(timelines);
    }
}
