package dev.holdfast.tck;

import dev.holdfast.tck.history.HistoryFile;
import dev.holdfast.tck.history.LockStatistics;
import dev.holdfast.tck.report.Timeline;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one check of a rule.
 *
 * @param name of the method that makes it
 * @param detail what was observed when it failed, or why it could not be made; empty for PASS
 * @param took how long it took
 * @param timelines who held what when, where the check recorded it
 * @param locks how much of that there was
 * @param history all that was recorded, when the check failed; null when nothing was
 */
public record CheckResult(
        String name,
        Outcome outcome,
        String detail,
        Duration took,
        List<Timeline> timelines,
        LockStatistics locks,
        @Nullable HistoryFile history) {
    /** Takes a copy. */
    public CheckResult {
        timelines = List.copyOf(timelines);
    }

    /** One that recorded nothing. */
    public CheckResult(String name, Outcome outcome, String detail, Duration took, List<Timeline> timelines) {
        this(name, outcome, detail, took, timelines, LockStatistics.NONE, null);
    }
}
