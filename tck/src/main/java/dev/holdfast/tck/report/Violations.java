package dev.holdfast.tck.report;

import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.report.Timeline.Violation;
import java.util.ArrayList;
import java.util.List;

/** Every pair of leases of one lock that should not have been, by the conditions of {@code LockChecker}. */
final class Violations {
    private static final int ENOUGH = 1_000;

    /** A violation, and the leases that prove it. */
    record Pair(Violation.Kind kind, Hold first, Hold second, long from, long to) {}

    private Violations() {}

    /** @param holds of one lock, in the order in which they were won */
    static List<Pair> of(List<Hold> holds) {
        List<Pair> pairs = new ArrayList<>();
        List<Hold> open = new ArrayList<>();
        for (Hold hold : holds) {
            if (pairs.size() >= ENOUGH) {
                break; // nothing excludes anything here; a few show it as well as millions
            }
            open.removeIf(earlier -> Math.max(earlier.until(), earlier.open()) <= hold.from());
            for (Hold earlier : open) {
                if (earlier.until() > hold.from() && hold.until() > hold.from()) {
                    long end = Math.min(earlier.until(), hold.until());
                    pairs.add(new Pair(Violation.Kind.OVERLAP, earlier, hold, hold.from(), end));
                } else {
                    long end = Math.max(earlier.until(), earlier.open());
                    pairs.add(new Pair(Violation.Kind.LATE_LOSS, earlier, hold, hold.from(), end));
                }
            }
            open.add(hold);
        }
        return pairs;
    }
}
