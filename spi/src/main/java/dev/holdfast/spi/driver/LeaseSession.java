package dev.holdfast.spi.driver;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The holder's side of a session that a driver keeps alive in its store; every lease that was won in the session ends
 * with it.
 *
 * <p>The deadline is <em>the moment at which the last acknowledged renewal was sent, plus the TTL, less a
 * {@linkplain #margin margin}</em>, on {@link System#nanoTime()}. The store cannot have counted from an earlier moment
 * than that, so it cannot give the lock to a rival before this holder has been told (rule LO-02). Once ended, by its
 * deadline or by {@link #end}, a session never comes back (rule LO-08).
 */
public final class LeaseSession {
    private static final Duration SMALLEST_MARGIN = Duration.ofMillis(100);
    private static final Duration LARGEST_MARGIN = Duration.ofSeconds(1);
    private static final Duration TO_TELL = Duration.ofMillis(100);

    private final LeaseThreads threads;
    private final Duration ttl;
    private final long validNanos;
    private final Consumer<Loss> onEnd;
    private final AtomicLong deadline;
    private final AtomicReference<@Nullable Loss> ended = new AtomicReference<>();
    private final Set<SessionLease> leases = ConcurrentHashMap.newKeySet();

    /**
     * A session that the store has just confirmed.
     *
     * @param ttl after how long without a renewal the store may end the session
     * @param sentNanos when the request that created it was sent
     * @param onEnd told once, when the session has ended and the holders know of it, or have had 100 ms to; runs on any
     *     thread, also within this constructor, must not block and must not throw. The driver ends the store's session
     *     here, so that a rival need not wait for its expiry.
     */
    public LeaseSession(LeaseThreads threads, Duration ttl, long sentNanos, Consumer<Loss> onEnd) {
        this.threads = threads;
        this.ttl = ttl;
        this.validNanos = ttl.minus(margin(ttl)).toNanos();
        this.onEnd = onEnd;
        this.deadline = new AtomicLong(sentNanos + validNanos);
        watchDeadline();
    }

    /**
     * How long before the store may expire a session its holder gives up: a tenth of the TTL, from 100 ms to 1 s, and
     * half the TTL at most. It covers the time that it takes to tell the holder.
     */
    public static Duration margin(Duration ttl) {
        Duration tenth = ttl.dividedBy(10);
        Duration bounded = tenth.compareTo(SMALLEST_MARGIN) < 0 ? SMALLEST_MARGIN : tenth;
        bounded = bounded.compareTo(LARGEST_MARGIN) > 0 ? LARGEST_MARGIN : bounded;
        Duration half = ttl.dividedBy(2);
        return bounded.compareTo(half) > 0 ? half : bounded;
    }

    /** How often to renew: a quarter of the TTL, which leaves room for two failures. */
    public Duration renewalPeriod() {
        return ttl.dividedBy(4);
    }

    /**
     * Extends the session.
     *
     * @param sentNanos when the renewal that the store has now acknowledged was <em>sent</em>
     */
    public void renewed(long sentNanos) {
        endIfOverdue(); // an answer that comes too late revives nothing
        deadline.accumulateAndGet(sentNanos + validNanos, (old, next) -> next - old > 0 ? next : old);
    }

    /** Whether it has neither ended nor passed its deadline; once false, false for ever. */
    public boolean isAlive() {
        endIfOverdue();
        return ended.get() == null;
    }

    /** Nanoseconds to the deadline; 0 when it has passed or the session has ended. */
    long remainingNanos() {
        return ended.get() != null ? 0 : Math.max(0, deadline.get() - System.nanoTime());
    }

    /**
     * The lease of a lock that the store says was won in this session.
     *
     * @param release tells the store, blocking for a bounded time; called once at most
     * @return empty when the session has ended meanwhile: then the lock is not held
     */
    public Optional<SessionLease> grant(Key key, long token, Runnable release) {
        SessionLease lease = new SessionLease(this, threads, key, token, release);
        leases.add(lease);
        if (isAlive()) {
            return Optional.of(lease);
        }
        leases.remove(lease);
        return Optional.empty();
    }

    /** Ends the session and with it every lease; the first reason given stands. */
    public void end(Loss loss) {
        if (ended.compareAndSet(null, loss)) {
            List<SessionLease> held = List.copyOf(leases);
            if (held.isEmpty()) {
                onEnd.accept(loss);
                return;
            }
            CountDownLatch told = new CountDownLatch(held.size());
            held.forEach(lease -> lease.lose(loss, told::countDown));
            threads.tell(() -> {
                awaitBriefly(told);
                onEnd.accept(loss);
            });
        }
    }

    /** Holders first, rivals after; but whoever blocks while being told does not hold up the rivals for long. */
    private static void awaitBriefly(CountDownLatch told) {
        try {
            boolean unused = told.await(TO_TELL.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void forget(SessionLease lease) {
        leases.remove(lease);
    }

    /** Ends the session when its deadline has passed: the timer may come late, whoever notices first does it. */
    void endIfOverdue() {
        if (ended.get() == null && remainingNanos() == 0) {
            end(new Loss(
                    Loss.Reason.EXPIRED,
                    "no renewal was acknowledged in time: the store may expire the lease " + ttl.toMillis()
                            + " ms after the last one was sent"));
        }
    }

    private void watchDeadline() {
        endIfOverdue();
        if (ended.get() == null) {
            try {
                threads.after(remainingNanos(), this::watchDeadline);
            } catch (RejectedExecutionException e) {
                end(new Loss(Loss.Reason.CLOSED, "the backend was closed"));
            }
        }
    }
}
