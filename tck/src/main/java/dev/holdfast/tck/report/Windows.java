package dev.holdfast.tck.report;

import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.report.Timeline.FaultSpan;
import dev.holdfast.tck.report.Timeline.Window;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Chooses what of a long history is drawn: where something is wrong, was lost or was disturbed, and its two ends. */
final class Windows {
    /** More leases than this cannot be told apart in one picture. */
    static final int READABLE = 120;

    private static final int AROUND = 12;
    private static final int MOST = 4;
    private static final int CLOSE_UPS = 2;
    private static final long LEAST = 20_000; // ns on each side of what a close-up shows

    private final List<Hold> holds;
    private final long from;
    private final long to;
    private final List<Window> closeUps = new ArrayList<>();
    private final List<Window> chosen = new ArrayList<>();

    private Windows(List<Hold> holds, long from, long to) {
        this.holds = holds;
        this.from = from;
        this.to = to;
    }

    /** @param holds in the order in which they were won */
    static List<Window> choose(
            List<Hold> holds, List<Violations.Pair> violations, List<FaultSpan> faults, long from, long to) {
        Windows windows = new Windows(holds, from, to);
        violations.stream().limit(CLOSE_UPS).forEach(windows::closeUp);
        if (holds.size() <= READABLE) {
            windows.chosen.add(new Window(from, to, "the whole check"));
        } else {
            windows.telling(violations, faults);
        }
        windows.chosen.sort(Comparator.comparingLong(Window::from));
        windows.closeUps.addAll(windows.chosen);
        return windows.closeUps;
    }

    /** What is too short to be seen among the rest is shown by itself as well. */
    private void closeUp(Violations.Pair pair) {
        long length = pair.to() - pair.from();
        if (length * 40 < to - from) {
            long margin = Math.max(LEAST, length);
            String what = pair.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
            closeUps.add(new Window(pair.from() - margin, pair.to() + margin, "close-up of the " + what));
        }
    }

    private void telling(List<Violations.Pair> violations, List<FaultSpan> faults) {
        violations.stream().limit(1).forEach(pair -> around(pair.from(), pair.to(), "around the first violation"));
        holds.stream()
                .filter(hold -> hold.lost() != Hold.NEVER)
                .limit(MOST)
                .forEach(hold -> around(hold.from(), hold.lost(), "around the loss of token " + hold.token()));
        faults.stream()
                .sorted(Comparator.comparingLong(fault -> fault.from() - fault.to())) // the longest first
                .forEach(fault -> around(
                        fault.from(), fault.to(), "around the fault '" + fault.what() + "' of " + fault.target()));
        around(from, from, "the beginning");
        around(to, to, "the end");
    }

    /** Some leases before and after; where there are too many between, only the first part. */
    private void around(long began, long ended, String title) {
        int first = Math.max(0, firstWonAfter(began) - AROUND);
        int last = Math.min(holds.size() - 1, firstWonAfter(ended) + AROUND);
        last = Math.min(last, first + READABLE / 2);
        long start = first == 0 ? from : holds.get(first).from();
        long end = last == holds.size() - 1 ? to : holds.get(last).from();
        boolean shown = chosen.stream().anyMatch(window -> window.from() <= ended && window.to() >= began);
        if (!shown && chosen.size() < MOST && start < end) {
            chosen.add(new Window(start, end, title));
        }
    }

    private int firstWonAfter(long time) {
        int low = 0;
        int high = holds.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (holds.get(middle).from() <= time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
