package dev.holdfast.tck.rules;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.history.Held;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What one who watches a lock knows: it asks when it is told to, and again only when it had no answer. */
final class LockView implements AutoCloseable {
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration AGAIN = Duration.ofMillis(20);

    private final HALock lock;
    private final HALock.Watch watch;
    private final Duration poll;
    private final AtomicInteger runs = new AtomicInteger();
    private final AtomicLong slowest = new AtomicLong();
    private volatile boolean begun;
    private volatile Optional<Holder> known = Optional.empty();
    private volatile boolean closed;

    LockView(Contender who, Key lock, Duration poll) {
        this.lock = who.handle(lock);
        this.poll = poll;
        watch = this.lock.watch(poll, this::look);
    }

    private void look() {
        runs.incrementAndGet();
        while (!closed) {
            try {
                known = ask();
                begun = true;
                return;
            } catch (BackendException.Closed e) {
                return;
            } catch (BackendException e) {
                sleep();
            }
        }
    }

    private Optional<Holder> ask() {
        long start = System.nanoTime();
        Optional<Holder> holder = lock.holder();
        slowest.accumulateAndGet(System.nanoTime() - start, Math::max);
        return holder;
    }

    private static void sleep() {
        try {
            Thread.sleep(AGAIN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void awaitKnows(Trial trial, String when, Duration bound, Optional<Holder> expected) throws InterruptedException {
        try {
            trial.await(
                    "a watcher knows " + expected.map(Holder::toString).orElse("that nobody holds the lock") + " "
                            + when,
                    bound,
                    () -> knows(expected));
        } catch (AssertionError e) {
            throw tooSlow(bound).orElseThrow(() -> e);
        }
    }

    boolean knows(Optional<Holder> expected) {
        return begun && expected.equals(known);
    }

    /** Where the watch asks, the question that came too early must be answered, then the next, then the listener's. */
    private Optional<UnverifiedException> tooSlow(Duration bound) {
        if (poll.equals(NEVER)) {
            return Optional.empty();
        }
        var unused = ask();
        Duration asked = Duration.ofNanos(slowest.get());
        return asked.multipliedBy(3).plus(poll).compareTo(bound) < 0
                ? Optional.empty()
                : Optional.of(new UnverifiedException("too slow to tell whether a watch that asks is late: holder()"
                        + " took up to " + asked.toMillis() + " ms"));
    }

    /** As {@link #awaitKnows(Trial, String, Duration, Optional)}; without its holder there is nothing to know. */
    void awaitKnows(Trial trial, String when, Duration bound, Held held, String name) throws InterruptedException {
        try {
            awaitKnows(trial, when, bound, Optional.of(new Holder(name, held.token())));
        } catch (AssertionError e) {
            if (!held.isHeld()) {
                throw new UnverifiedException(
                        "'" + name + "', whom nothing was done to, lost its lease meanwhile: " + held);
            }
            throw e;
        }
    }

    /** How often it was told. */
    int runs() {
        return runs.get();
    }

    @Override
    public void close() {
        closed = true;
        watch.close();
    }

    /** How often to ask a store that does not tell; one that does would be found out by this. */
    static Duration poll(Trial trial) {
        return trial.declares(Capability.WATCHES) ? NEVER : Duration.ofMillis(200);
    }

    /** How late it may be while nothing fails. */
    static Duration bound(Trial trial) {
        Duration second = Duration.ofSeconds(1);
        return trial.declares(Capability.WATCHES) ? second : second.plus(poll(trial));
    }
}
