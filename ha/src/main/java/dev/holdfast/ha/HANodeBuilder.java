package dev.holdfast.ha;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.config.ConfigException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Collects what a node needs; see {@link HANode#of}. Not safe for use by several threads. */
public final class HANodeBuilder {
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** As good as for ever, and still a number of nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    final HAStorage pair;
    final Key lock;
    final String value;
    HACallbacks.OnActive onActive = term -> {};
    HACallbacks.OnStandby onStandby = why -> {};
    Consumer<? super Optional<Holder>> onLeader = leader -> {};
    final List<Consumer<? super HAEvent>> onEvent = new ArrayList<>();
    Duration stopTimeout = Duration.ofSeconds(10);
    Duration shortestRetry = Duration.ofMillis(50);
    Duration longestRetry;
    Duration leaderPoll = Duration.ofSeconds(1);
    Duration stepDownPause = Duration.ofSeconds(10);

    HANodeBuilder(HAStorage pair, Key lock, String value) {
        this.pair = pair;
        this.lock = lock;
        this.value = value;
        Duration halfTtl = pair.timings().lockTtl().dividedBy(2);
        longestRetry = halfTtl.compareTo(SECOND) < 0 ? halfTtl : SECOND;
    }

    private static Duration bounded(Duration time) {
        return time.compareTo(LONGEST) > 0 ? LONGEST : time;
    }

    /** How often conditions are looked at that nobody tells of. */
    Duration tick() {
        return Duration.ofNanos(Math.min(pair.timings().requestTimeout().toNanos() / 8, 100_000_000));
    }

    /** What starts the service. */
    public HANodeBuilder onActive(HACallbacks.OnActive callback) {
        onActive = callback;
        return this;
    }

    /** What stops the service. */
    public HANodeBuilder onStandby(HACallbacks.OnStandby callback) {
        onStandby = callback;
        return this;
    }

    /**
     * Told who leads whenever that changes: the value that the leader gave, and its token. Runs in the thread that asks who
     * leads and has no other duty: while it blocks, {@link HANode#leader()} stays as it is, and later changes are not told,
     * only the last of them once it returns. What it throws is logged, and it is told of the next change all the same.
     */
    public HANodeBuilder onLeader(Consumer<? super Optional<Holder>> listener) {
        onLeader = listener;
        return this;
    }

    /** Told what happens, in order, in a thread that has no other duty; may be called several times. */
    public HANodeBuilder onEvent(Consumer<? super HAEvent> listener) {
        onEvent.add(listener);
        return this;
    }

    /**
     * How long the service may take to stop, 10 s at first. On stepping down and closing, the lock is kept that long for
     * it; after a loss it only sounds the alarm, since the lock is somebody else's already.
     */
    public HANodeBuilder stopTimeout(Duration timeout) {
        stopTimeout = bounded(timeout);
        return this;
    }

    /** The pauses after an error: from {@code shortest}, 50 ms at first, doubling up to {@code longest}, at
     * first 1 s or half the {@code lock_ttl}, whichever is less. */
    public HANodeBuilder retry(Duration shortest, Duration longest) {
        shortestRetry = shortest;
        longestRetry = longest;
        return this;
    }

    /** How often a node asks who leads where the lock's store does not tell of changes, 1 s at first. */
    public HANodeBuilder leaderPoll(Duration period) {
        leaderPoll = bounded(period);
        return this;
    }

    /** How long a node that stepped down leaves the lock to others, 10 s at first; may be zero. */
    public HANodeBuilder stepDownPause(Duration pause) {
        stepDownPause = pause;
        return this;
    }

    /**
     * Starts to contend, in a thread of the node's; returns at once, without I/O.
     *
     * @throws ConfigException when the pair has no lock, or timings cannot be, saying which inequality does not hold
     * @throws BackendException.LimitExceeded when the lock's value is too long
     */
    public HANode start() {
        Timings.positive("stop_timeout", stopTimeout);
        Timings.positive("shortest_retry", shortestRetry);
        Timings.positive("leader_poll", leaderPoll);
        Timings.atMost(
                "shortest_retry",
                shortestRetry,
                "longest_retry",
                longestRetry,
                "the pauses grow from one to the other");
        Timings.atMost(
                "longest_retry",
                longestRetry,
                "lock_ttl",
                pair.timings().lockTtl(),
                "a node that pauses longer than a lock outlives its holder makes every failover longer");
        if (stepDownPause.isNegative()) {
            throw Timings.refusal(
                    "step_down_pause", "step_down_pause >= 0 does not hold: " + stepDownPause.toMillis() + " ms");
        }
        return new HANode(this);
    }
}
