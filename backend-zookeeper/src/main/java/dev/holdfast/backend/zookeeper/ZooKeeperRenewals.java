package dev.holdfast.backend.zookeeper;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * From when the leader is known to count a session's time.
 *
 * <p>An answer to a renewal shows that the leader was within reach, but not that it counts from there: a follower tells
 * it which sessions were heard of every half tick only. What it had to tell when the answer to one renewal came was
 * told, in this order and on the same connection, before another renewal that was sent half a tick later or more. So a
 * renewal counts as soon as such a later one is answered, too. Every session lasts two ticks at least, so half a tick is
 * a quarter of any one's time at most; and a little more is waited for, because the leader asks when half a tick is over and
 * its own work is done. That breaks with a {@code minSessionTimeout} below two ticks, and below four ticks at an
 * observer that follows another follower, which tells twice.
 *
 * <p>Not safe for several threads.
 */
final class ZooKeeperRenewals {
    /** Of a quarter of the time: more would leave less than a third of it for a late answer. */
    private static final int SLACK = 10;

    private static final long LARGEST_SLACK = Duration.ofMillis(100).toNanos();

    private final long reportNanos;
    private final Deque<Answered> unconfirmed = new ArrayDeque<>();

    private record Answered(long sentNanos, long nanos) {}

    /** @param sessionNanos the shortest time that the servers have granted to any session, as far as is known */
    ZooKeeperRenewals(long sessionNanos) {
        long half = sessionNanos / 4;
        reportNanos = half + Math.min(half / SLACK, LARGEST_SLACK);
    }

    /**
     * How long after its answer at {@code nanos} to send the next renewal: when that makes this one count, but no sooner
     * than a period after this one was sent.
     */
    long pauseNanos(long sentNanos, long nanos, long periodNanos) {
        return Math.max(reportNanos, sentNanos + periodNanos - nanos);
    }

    /**
     * A renewal was answered.
     *
     * @return when the last renewal was sent that the leader must know of; empty when that is no later one than before
     */
    OptionalLong answered(long sentNanos, long nanos) {
        OptionalLong confirmed = OptionalLong.empty();
        for (Answered first = unconfirmed.peekFirst();
                first != null && sentNanos - first.nanos >= reportNanos;
                first = unconfirmed.peekFirst()) {
            confirmed = OptionalLong.of(first.sentNanos);
            unconfirmed.removeFirst();
        }
        unconfirmed.addLast(new Answered(sentNanos, nanos));
        return confirmed;
    }
}
