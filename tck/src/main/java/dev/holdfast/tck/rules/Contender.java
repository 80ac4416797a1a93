package dev.holdfast.tck.rules;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who competes for locks: through a client of its own, and a link of its own where it is to be cut off. */
final class Contender {
    private final Trial trial;
    private final LockHistory history;
    private final String name;
    private final HABackend client;
    private final @Nullable Link link;

    private Contender(Trial trial, LockHistory history, String name, Map<String, String> options, @Nullable Link link) {
        this.trial = trial;
        this.history = history;
        this.name = name;
        this.link = link;
        this.client = (HABackend) trial.open(options);
        trial.timeline().contender(history, name);
    }

    /** A contender whose link is never disturbed. */
    static Contender of(Trial trial, LockHistory history, String name) {
        return of(trial, history, name, trial.options());
    }

    /** As {@link #of(Trial, LockHistory, String)}, through a client with these options. */
    static Contender of(Trial trial, LockHistory history, String name, Map<String, String> options) {
        return new Contender(trial, history, name, options, null);
    }

    /**
     * A contender that can be cut off.
     *
     * @throws UnverifiedException when the harness cannot make a link
     */
    static Contender linked(Trial trial, LockHistory history, String name) {
        Link link = trial.link(name);
        return new Contender(trial, history, name, link.options(), link);
    }

    /** As {@link #linked(Trial, LockHistory, String)}, with these options changed. */
    static Contender linked(Trial trial, LockHistory history, String name, Map<String, String> changed) {
        Link link = trial.link(name);
        Map<String, String> options = new HashMap<>(link.options());
        options.putAll(changed);
        return new Contender(trial, history, name, options, link);
    }

    String name() {
        return name;
    }

    HABackend client() {
        return client;
    }

    Link link() {
        if (link == null) {
            throw new IllegalStateException(name + " has no link of its own");
        }
        return link;
    }

    /** Whether its calls may fail, because its link may be disturbed. */
    boolean disturbed() {
        return link != null;
    }

    /** A new handle; the value is this contender's name. */
    HALock handle(Key lock) {
        return client.lock(lock, name);
    }

    /** Who holds the lock, asked through this contender's client. */
    Optional<Holder> holder(Key lock) {
        return handle(lock).holder();
    }

    /** One attempt with a new handle. */
    Optional<Held> tryWin(Key lock, Duration timeout) throws InterruptedException {
        return tryWin(handle(lock), lock, timeout);
    }

    /** One attempt with this handle. */
    Optional<Held> tryWin(HALock handle, Key lock, Duration timeout) throws InterruptedException {
        long asked = history.now();
        Optional<Lease> won;
        try {
            won = handle.tryAcquire(timeout);
        } catch (BackendException e) {
            trial.timeline().attempt(history, name, lock, asked, e.getClass().getSimpleName());
            throw e;
        }
        if (won.isEmpty()) {
            trial.timeline().attempt(history, name, lock, asked, "no lease");
        }
        return won.map(lease -> history.won(name, lease, asked));
    }

    /** Wins a lock that it must be able to win within {@code bound}. */
    Held win(Key lock, Duration bound) throws InterruptedException {
        return win(handle(lock), lock, bound);
    }

    /** As {@link #win(Key, Duration)}, with this handle. */
    Held win(HALock handle, Key lock, Duration bound) throws InterruptedException {
        return tryWin(handle, lock, bound)
                .orElseThrow(() -> new AssertionError(name + " did not win lock '" + lock + "' within "
                        + bound.toMillis() + " ms; holder() says " + holder(lock)));
    }

    /** Wins a lock that nobody else wants. */
    Held win(Key lock) throws InterruptedException {
        return win(lock, trial.requestTimeout());
    }

    /** Starts to wait for a lock, for as long as it takes. */
    Pending<Held> contend(Key lock) {
        return contend(handle(lock), lock);
    }

    /** As {@link #contend(Key)}, with this handle. */
    Pending<Held> contend(HALock handle, Key lock) {
        return Pending.call(trial, name + " waiting for " + lock, () -> {
            long asked = history.now();
            return history.won(name, handle.acquire(), asked);
        });
    }

    /**
     * Wins a lock through a link that has just healed: calls may go on failing for the time that ER-04 gives them.
     */
    Held winAfterHealing(Key lock, Duration bound) throws InterruptedException {
        return winAfterHealing(handle(lock), lock, bound);
    }

    /** As {@link #winAfterHealing(Key, Duration)}, with this handle. */
    Held winAfterHealing(HALock handle, Key lock, Duration bound) throws InterruptedException {
        long end = System.nanoTime() + bound.toNanos();
        while (true) {
            try {
                return win(handle, lock, Duration.ofNanos(Math.max(0, end - System.nanoTime())));
            } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError(
                            name + " could not win lock '" + lock + "' within " + bound.toMillis() + " ms of healing",
                            e);
                }
                Thread.sleep(10);
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
