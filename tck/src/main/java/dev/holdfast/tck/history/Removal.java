package dev.holdfast.tck.history;

import dev.holdfast.spi.Key;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A lock that was taken away from its holder. Times are on the clock of its {@link LockHistory}.
 *
 * @param lock what was removed
 * @param from before it was begun
 * @param to after it had taken effect
 */
public record Removal(Key lock, long from, long to) {
    /** Within this time the holder must know (rule LO-03); until then rule HA-01 exempts it. */
    private static final long EXEMPT = TimeUnit.SECONDS.toNanos(1);

    /** The same leases without what their holders did in the time that a removal gave them. */
    static List<Hold> excused(Collection<Hold> history, Collection<Removal> removals) {
        return history.stream().map(hold -> excused(hold, removals)).toList();
    }

    private static Hold excused(Hold hold, Collection<Removal> removals) {
        Hold excused = hold;
        for (Removal removal : removals) {
            if (removal.lock.equals(hold.lock()) && hold.from() < removal.from) {
                excused = excused.until(removal.clip(excused.until()), removal.clip(excused.open()));
            }
        }
        return excused;
    }

    /** Until when something counts that was last seen at this time. */
    private long clip(long seen) {
        return seen > from && seen <= to + EXEMPT ? from : seen;
    }
}
