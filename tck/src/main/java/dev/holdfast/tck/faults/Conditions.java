package dev.holdfast.tck.faults;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What stands in the way of the data of one proxy, asked by each of its connections for each piece of data. */
final class Conditions {
    private static final Late NEVER = new Late(0, 0, new Random(0));

    /** Which answers are late, and how late. */
    private record Late(double share, long mostNanos, Random random) {
        long next() {
            return share > 0 && random.nextDouble() < share ? (long) (random.nextDouble() * mostNanos) : 0;
        }
    }

    private final ReentrantLock gate = new ReentrantLock();
    private final Condition changed = gate.newCondition();
    private final AtomicBoolean dropNext = new AtomicBoolean();
    private @Nullable Fault fault;
    private boolean over;
    private volatile long delayNanos;
    private volatile long bytesPerSecond = Long.MAX_VALUE;
    private volatile Late late = NEVER;

    void delay(Duration each) {
        delayNanos = each.toNanos();
    }

    void throttle(long most) {
        bytesPerSecond = most;
    }

    void lateReplies(double share, Duration most, long seed) {
        late = new Late(share, most.toNanos(), new Random(seed));
    }

    void dropNextReply() {
        dropNext.set(true);
    }

    /** Whether this answer is the one to drop; the first to ask takes it. */
    boolean takeDrop() {
        return dropNext.compareAndSet(true, false);
    }

    void apply(@Nullable Fault next) {
        gate.lock();
        try {
            fault = next;
            changed.signalAll();
        } finally {
            gate.unlock();
        }
    }

    void clear() {
        delay(Duration.ZERO);
        throttle(Long.MAX_VALUE);
        late = NEVER;
        dropNext.set(false);
        apply(null);
    }

    /** Nothing waits any more. */
    void end() {
        gate.lock();
        try {
            over = true;
            changed.signalAll();
        } finally {
            gate.unlock();
        }
    }

    boolean refusesConnections() {
        gate.lock();
        try {
            return over || fault == Fault.RESET || fault == Fault.REFUSE;
        } finally {
            gate.unlock();
        }
    }

    /** Whether anything is delayed now. */
    boolean delays() {
        return delayNanos > 0 || bytesPerSecond != Long.MAX_VALUE || late.share > 0;
    }

    /**
     * When bytes that were read now are due at the other end: after the delay, never before what was sent before them,
     * and after the time that they take on a throttled link.
     *
     * @param before when that is due, on the clock of {@link System#nanoTime}
     */
    long due(int bytes, boolean toStore, long before) {
        long arrival = System.nanoTime() + delayNanos + (toStore ? 0 : late.next());
        long most = bytesPerSecond;
        long transfer = most == Long.MAX_VALUE ? 0 : (long) (1e9 * bytes / most);
        return (arrival - before > 0 ? arrival : before) + transfer;
    }

    /** Waits until data may pass in this direction. */
    void awaitPassage(boolean toStore) throws InterruptedException {
        gate.lock();
        try {
            while (!over
                    && (fault == Fault.BLACK_HOLE
                            || fault == Fault.UNREACHABLE
                            || fault == (toStore ? Fault.LOSE_REQUESTS : Fault.LOSE_REPLIES))) {
                changed.await();
            }
        } finally {
            gate.unlock();
        }
    }
}
