package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the marker of one term, and lets the term write for a while each time that the lock's store says afterwards that
 * it is this term that holds the lock. A successor wins later than that, and looks at the marker once it has won. So it
 * sees the renewal by which the last write was allowed, or a later one, whatever became of the lock: removed, run out, or
 * lost without its holder's hearing of it.
 */
final class MarkerRenewal {
    private static final Logger log = LoggerFactory.getLogger(MarkerRenewal.class);

    private final Term term;
    private final Backend storage;
    private final Timings timings;
    private final Key key;
    private final Semaphore stop = new Semaphore(0);
    private final Thread thread;
    private long renewals;

    /** When the last renewal was. */
    private long sent;

    /** What was put last for certain, and when it had been. */
    private volatile MarkerWatch.@Nullable Sight last;

    /** When a renewal of unknown outcome ended. */
    private volatile @Nullable Long uncertain;

    private volatile @Nullable Failing failing;

    /**
     * Since the last one that did not, all puts have failed.
     *
     * @param since when the first of them was sent
     * @param why the last of them failed
     */
    private record Failing(long since, String why) {}

    /** @param storage that of the pair; this guards what it writes itself */
    MarkerRenewal(Term term, Backend storage, Timings timings) {
        this.term = term;
        this.storage = storage;
        this.timings = timings;
        key = Marker.key(term.lease().key(), term.token());
        thread = new Thread(this::run, "holdfast-ha-marker");
        thread.setDaemon(true);
    }

    Key key() {
        return key;
    }

    /**
     * What keeps the marker from being put, once the term may not write any more for it and storage has had as long as for
     * any other answer; empty before.
     */
    Optional<String> overdue() {
        Failing now = failing;
        Duration longest = StorageProbe.longest(timings.requestTimeout());
        return now == null
                        || System.nanoTime() - now.since <= longest.toNanos()
                        || term.guard().isPermitted()
                ? Optional.empty()
                : Optional.of("storage has taken no sign that this node holds the lock within the last "
                        + longest.toMillis() + " ms: " + now.why);
    }

    /** What it put last, as if it had been seen; for this node's own next term. */
    Optional<MarkerWatch.Sight> last() {
        return Optional.ofNullable(last);
    }

    /**
     * Puts the marker and renews it, until the lease is over or {@link #stop} is called; the term may write when
     * {@link Guard#awaitPermission} says so.
     */
    void start() {
        thread.start();
    }

    /** Ends it; returns whether no renewal is on the way any more. */
    boolean stop() throws InterruptedException {
        stop.release();
        TimeUnit.NANOSECONDS.timedJoin(thread, timings.requestTimeout().toNanos());
        Long unknown = uncertain;
        boolean arrived = unknown == null
                || System.nanoTime() - unknown > timings.lockDelay().toNanos();
        return !thread.isAlive() && arrived;
    }

    private void run() {
        try {
            boolean asks = false; // the first time it has just won
            long pause;
            do {
                long began = System.nanoTime();
                renew(asks);
                asks = true;
                pause = began + timings.renewal().toNanos() - System.nanoTime();
            } while (!stop.tryAcquire(pause, TimeUnit.NANOSECONDS) && term.isHeld());
        } catch (InterruptedException e) {
            // by nobody: an alarm's interrupt ends with the write that it was set for
        }
    }

    /**
     * A renewal lets the term write when the lock is known to be held after it. One that cannot be known to would let it
     * write nothing, and only keep others waiting; so the lock's store is asked before it as well.
     */
    private void renew(boolean asks) {
        if (asks && !attempt("the lock's store, asked before a renewal", this::requireLock)) {
            return;
        }
        if (attempt("storage, where the marker is put", this::put)
                && attempt("the lock's store, asked after a renewal", this::requireLock)) {
            term.guard().permit(sent + timings.window().toNanos());
            term.guard().hinder("the last renewal took too long, or too little is left of the lease");
        }
    }

    private void put() {
        sent = System.nanoTime();
        renewals++;
        Entry entry = new Marker(renewals, timings.settled()).at(key);
        boolean certain = false;
        try {
            term.guard().own("renewal", key, () -> storage.put(entry));
            last = new MarkerWatch.Sight(entry, System.nanoTime());
            certain = true;
            failing = null;
        } catch (RuntimeException | Error e) {
            certain = e instanceof BackendException known && !known.maybeApplied();
            failed(describe(e));
            throw e;
        } finally {
            if (!certain) {
                uncertain = System.nanoTime();
            }
        }
    }

    private void failed(String why) {
        Failing before = failing;
        failing = new Failing(before == null ? sent : before.since, why);
        if (before == null) {
            log.warn("the sign that this node holds the lock, {}, cannot be put: {}", key, why);
        }
    }

    /** @throws BackendException.Unavailable when the lock's store does not say that it is this term which holds the lock */
    void requireLock() {
        Optional<Holder> holder = term.askHolder();
        if (holder.isEmpty() || holder.get().token() != term.token()) {
            throw new BackendException.Unavailable(
                    Operation.at("ha", "token " + term.token())
                            .on("look who holds", term.lease().key()),
                    "somebody else does by now, or nobody",
                    null);
        }
    }

    /** Whatever it meets with, the next one may succeed. */
    private boolean attempt(String whom, Runnable step) {
        term.guard().hinder(whom + ", has not answered yet");
        try {
            step.run();
            return true;
        } catch (RuntimeException | Error e) {
            term.guard().hinder(whom + ": " + describe(e));
            return false;
        }
    }

    private static String describe(Throwable e) {
        return String.valueOf(e instanceof BackendException ? e.getMessage() : e);
    }
}
