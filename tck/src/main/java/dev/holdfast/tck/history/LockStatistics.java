package dev.holdfast.tck.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How much a check saw of locks, which is how much its verdict rests on. All times are nanoseconds.
 *
 * @param leases how many were won
 * @param losses how many of them ended with a loss
 * @param margins for each lost lease that a rival won after it: by how much the loss had been known before; negative when
 *     the rival was first
 * @param handOffs for each release while somebody waited: how long until that one's acquire returned
 * @param failovers for each lease that ended otherwise, lost or with its process: how long from the last moment at which it
 *     was seen held until the next holder's acquire returned
 */
public record LockStatistics(long leases, long losses, List<Long> margins, List<Long> handOffs, List<Long> failovers) {
    /** Nothing was seen. */
    public static final LockStatistics NONE = new LockStatistics(0, 0, List.of(), List.of(), List.of());

    /** Takes copies. */
    public LockStatistics {
        margins = List.copyOf(margins);
        handOffs = List.copyOf(handOffs);
        failovers = List.copyOf(failovers);
    }

    /** Of one history. */
    public static LockStatistics of(Collection<Hold> history) {
        long losses = history.stream().filter(hold -> hold.lost() != Hold.NEVER).count();
        return new LockStatistics(
                history.size(),
                losses,
                nanos(LockChecker.lossMargins(history)),
                nanos(LockChecker.handOffs(history)),
                nanos(LockChecker.failovers(history)));
    }

    private static List<Long> nanos(List<Duration> times) {
        return times.stream().map(Duration::toNanos).toList();
    }

    /** Of both. */
    public LockStatistics plus(LockStatistics other) {
        return new LockStatistics(
                leases + other.leases,
                losses + other.losses,
                joined(margins, other.margins),
                joined(handOffs, other.handOffs),
                joined(failovers, other.failovers));
    }

    /** The same without what says nothing about holders that were cut off: losses by removal or by closing, too. */
    public LockStatistics withoutFaults() {
        return new LockStatistics(leases, 0, List.of(), handOffs, List.of());
    }

    private static List<Long> joined(List<Long> some, List<Long> more) {
        List<Long> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }
}
