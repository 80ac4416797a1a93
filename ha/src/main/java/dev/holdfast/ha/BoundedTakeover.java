package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.driver.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until no write of an earlier term can arrive any more. Each term keeps a {@linkplain Marker marker} in storage for
 * as long as it may have writes on the way, and renews it as long as it may begin any; where none is left, there is nothing
 * to wait for, and where one was not renewed for long, little or nothing.
 */
final class BoundedTakeover implements Takeover {
    private static final Logger log = LoggerFactory.getLogger(BoundedTakeover.class);

    /** How long one that ends in order may take to remove its marker, before anybody is told of a wait for it. */
    private static final Duration GOING = Duration.ofSeconds(1);

    /** How often to look whether it has. */
    private static final Duration GLANCE = Duration.ofMillis(5);

    private final Backend storage;
    private final Timings timings;
    private final MarkerWatch watch;
    private @Nullable MarkerRenewal renewal;

    /** @param active who is, when it is not this node */
    BoundedTakeover(Backend storage, Key lock, Timings timings, Supplier<Optional<Holder>> active) {
        this.storage = storage;
        this.timings = timings;
        watch = new MarkerWatch(storage, lock, timings, active);
    }

    @Override
    public void start() {
        if (knows()) {
            watch.start();
        }
    }

    /**
     * The marker is put while others are looked for. A term that holds the lock when its own is there will be seen by
     * everyone who wins later, and one that does not may not write.
     */
    @Override
    public Backend begin(Term term) throws InterruptedException, TermOverException {
        Guard guard = term.guard();
        Optional.ofNullable(renewal).flatMap(MarkerRenewal::last).ifPresent(watch::saw);
        MarkerRenewal own = new MarkerRenewal(term, storage, timings);
        renewal = own;
        guard.awaitLease();
        own.start();
        Prefix all = own.key().parent();
        List<Key> others = storage.list(all).stream()
                .filter(name -> !name.equals(own.key().name()))
                .map(all::key)
                .toList();
        Duration wait = needed(others);
        if (!wait.isZero()) {
            others = outwait(term, others, wait);
            guard.awaitLease();
        }
        if (!others.isEmpty()) {
            own.requireLock(); // so that all of them are of earlier terms
            others.forEach(key -> guard.own("delete", key, () -> storage.delete(key)));
        }
        if (!guard.awaitPermission(timings.requestTimeout().plus(timings.renewal()))) {
            throw new BackendException.Unavailable(
                    Operation.at("ha", guard.toString())
                            .on("takeover", term.lease().key()),
                    guard.hindrance(),
                    null);
        }
        return GuardedStorage.of(storage, guard);
    }

    /**
     * Waits until the last writes of these terms have arrived, or they have removed their markers, as an active does that
     * ends in order, while it gives the lock up. Returns what is still there.
     */
    private List<Key> outwait(Term term, List<Key> others, Duration wait)
            throws InterruptedException, TermOverException {
        Deadline arrived = Deadline.after(wait);
        // Of one that was not seen to renew its marker within the window, nobody expects that it goes in order now.
        boolean mayBeGoing = knows() && wait.compareTo(timings.lockDelay()) > 0;
        Deadline going = Deadline.after(mayBeGoing ? GOING : Duration.ZERO);
        boolean told = false;
        while (!arrived.passed()) {
            if (knows() && areGone(others)) {
                return List.of();
            }
            if (!told && going.passed()) {
                told = true;
                term.waiting("the last active did not end cleanly: writes of its may arrive for "
                        + arrived.remaining(wait).toMillis()
                        + " ms (half of lock_ttl and lock_delay, less the time since it was seen last)");
            }
            Duration pause = arrived.remaining(going.passed() ? timings.renewal() : GLANCE);
            if (term.awaitEnd(pause).isPresent()) {
                throw new TermOverException();
            }
        }
        return others;
    }

    private boolean areGone(List<Key> markers) {
        try {
            return markers.stream().allMatch(marker -> storage.get(marker).isEmpty());
        } catch (BackendException e) {
            log.debug("markers of earlier terms could not be read, so they are outwaited: {}", e.getMessage());
            return false;
        }
    }

    /** A listing that may be late does not prove that there are no markers, nor a late marker that it was not renewed. */
    private boolean knows() {
        return storage.capabilities().contains(Capability.LINEARIZABLE_READS);
    }

    private Duration needed(List<Key> others) {
        Duration least = knows() ? Duration.ZERO : timings.settled();
        return others.stream()
                .map(watch::left)
                .filter(left -> left.compareTo(least) > 0)
                .max(Duration::compareTo)
                .orElse(least);
    }

    @Override
    public Optional<String> problem() {
        return Optional.ofNullable(renewal).flatMap(MarkerRenewal::overdue);
    }

    /**
     * The guard is shut, and nothing is on its way. The marker is this term's alone, so it is removed without its lease, however
     * late.
     */
    @Override
    public CompletableFuture<Void> endCleanly(Term term) {
        MarkerRenewal own = renewal;
        return own == null
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.runAsync(() -> remove(own), task -> {
                    Thread thread = new Thread(task, "holdfast-ha-farewell");
                    thread.setDaemon(true);
                    thread.start();
                });
    }

    private void remove(MarkerRenewal own) {
        try {
            if (own.stop()) {
                storage.delete(own.key());
            }
        } catch (BackendException e) {
            log.debug("the marker of a term stays, so the next one waits: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // by nobody
        }
    }

    @Override
    public void close() {
        watch.close();
    }
}
