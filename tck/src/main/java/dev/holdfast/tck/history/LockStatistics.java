package dev.holdfast.tck.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How much a check saw of locks, which is how much its verdict rests on.
 *
 * @param leases how many were won
 * @param losses how many of them ended with a loss
 * @param margins for each lost lease that a rival won after it: by how many nanoseconds the loss had been known before;
 *     negative when the rival was first
 */
public record LockStatistics(long leases, long losses, List<Long> margins) {
    /** Nothing was seen. */
    public static final LockStatistics NONE = new LockStatistics(0, 0, List.of());

    /** Takes a copy. */
    public LockStatistics {
        margins = List.copyOf(margins);
    }

    /** Of one history. */
    public static LockStatistics of(Collection<Hold> history) {
        long losses = history.stream().filter(hold -> hold.lost() != Hold.NEVER).count();
        List<Long> margins = LockChecker.lossMargins(history).stream()
                .map(margin -> margin.toNanos())
                .toList();
        return new LockStatistics(history.size(), losses, margins);
    }

    /** Of both. */
    public LockStatistics plus(LockStatistics other) {
        List<Long> all = new ArrayList<>(margins);
        all.addAll(other.margins);
        return new LockStatistics(leases + other.leases, losses + other.losses, all);
    }
}
