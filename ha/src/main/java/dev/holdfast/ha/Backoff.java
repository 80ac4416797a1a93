package dev.holdfast.ha;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Pauses that double from the shortest to the longest, each shortened by up to a half so that nodes do not go in step. */
final class Backoff {
    private final Duration shortest;
    private final Duration longest;
    private Duration next;

    Backoff(Duration shortest, Duration longest) {
        this.shortest = shortest;
        this.longest = longest;
        this.next = shortest;
    }

    /** Whether nothing has failed since the last {@link #reset()}. */
    boolean isFresh() {
        return next.equals(shortest);
    }

    void pause() throws InterruptedException {
        long nanos = next.toNanos();
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(longest) > 0 ? longest : doubled;
        TimeUnit.NANOSECONDS.sleep(nanos - ThreadLocalRandom.current().nextLong(nanos / 2 + 1));
    }

    void reset() {
        next = shortest;
    }
}
