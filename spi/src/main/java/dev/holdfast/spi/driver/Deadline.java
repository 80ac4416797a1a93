package dev.holdfast.spi.driver;

import java.time.Duration;

/** A moment on the monotonic clock ({@link System#nanoTime()}) by which something must be over. */
public final class Deadline {
    /** A deadline that never passes. */
    public static final Deadline NEVER = new Deadline(0, true);

    private final long nanos;
    private final boolean never;

    private Deadline(long nanos, boolean never) {
        this.nanos = nanos;
        this.never = never;
    }

    /** The moment that is {@code timeout} from now; {@link #NEVER} beyond 100 years. */
    public static Deadline after(Duration timeout) {
        return timeout.compareTo(Duration.ofDays(36_500)) > 0
                ? NEVER
                : new Deadline(System.nanoTime() + timeout.toNanos(), false);
    }

    /** Whether it has passed. */
    public boolean passed() {
        return remainingNanos() == 0;
    }

    /** Nanoseconds until it passes; 0 when it has, {@link Long#MAX_VALUE} when it never does. */
    public long remainingNanos() {
        return never ? Long.MAX_VALUE : Math.max(0, nanos - System.nanoTime());
    }

    /** What is left, but no more than {@code bound}. */
    public Duration remaining(Duration bound) {
        long left = remainingNanos();
        return left == Long.MAX_VALUE || left > bound.toNanos() ? bound : Duration.ofNanos(left);
    }
}
