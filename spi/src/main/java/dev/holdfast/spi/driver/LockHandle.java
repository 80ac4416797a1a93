package dev.holdfast.spi.driver;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Operation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The handle that a driver gives out: one lease at a time, whatever the recipe (rule HA-04). */
public final class LockHandle implements HALock {
    /** How a driver wins a lock in its store. */
    public interface Recipe {
        /**
         * Competes for the lock until it is won or {@code deadline} has passed, and leaves nothing in the store unless
         * it was won. At least one request is made, also when the deadline has passed already. A
         * {@link BackendException.OutcomeUnknown} is passed on as {@link BackendException.Unavailable}: whatever became
         * of the requests, this contender does not hold the lock.
         *
         * @return empty when another contender held the lock all the while
         * @throws InterruptedException when the thread is interrupted while it waits
         * @throws BackendException as {@link HALock#acquire()} does
         */
        Optional<? extends Lease> acquire(Key key, String value, Deadline deadline) throws InterruptedException;

        /** As {@link HALock#holder()}. */
        Optional<Holder> holder(Key key);

        /**
         * What a watch asks for where the store does not tell: something that is not equal to what it was before a change
         * of the holder. The holder alone is when the change was reversed between two questions, of which the listener, who
         * asks for himself, may have seen half; so a store that knows better says so.
         */
        default Object state(Key key) {
            return holder(key);
        }

        /** As {@link HALock#watch}, where the store tells of changes itself; empty where it has to be asked. */
        default Optional<HALock.Watch> watch(Key key, Runnable news) {
            return Optional.empty();
        }
    }

    /** What the handle is doing: null when free, {@link #ACQUIRING}, or the last lease it won. */
    private final AtomicReference<@Nullable Object> use = new AtomicReference<>();

    private static final Object ACQUIRING = new Object();

    private final Recipe recipe;
    private final Operation operation;
    private final Key key;
    private final String value;

    /** @throws BackendException.LimitExceeded when {@code value} is too long */
    public LockHandle(Recipe recipe, Operation place, Key key, String value) {
        this.recipe = recipe;
        this.operation = place.on("lock", key);
        this.key = key;
        this.value = value;
        Checks.lockValue(operation, value);
    }

    @Override
    public Lease acquire() throws InterruptedException {
        return acquire(Deadline.NEVER)
                .orElseThrow(() -> new IllegalStateException("a wait without a deadline ended without a lease"));
    }

    @Override
    public Optional<Lease> tryAcquire(Duration timeout) throws InterruptedException {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative, got " + timeout);
        }
        return acquire(Deadline.after(timeout));
    }

    @Override
    public Optional<Holder> holder() {
        return recipe.holder(key);
    }

    @Override
    public Watch watch(Duration poll, Runnable news) {
        if (poll.isZero() || poll.isNegative()) {
            throw new IllegalArgumentException("poll must be more than zero, got " + poll);
        }
        return recipe.watch(key, news).orElseGet(() -> new HolderPoll(() -> recipe.state(key), poll, news));
    }

    private Optional<Lease> acquire(Deadline deadline) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Object before = use.get();
        boolean free = before != ACQUIRING && !(before instanceof Lease lease && lease.isHeld());
        if (!free || !use.compareAndSet(before, ACQUIRING)) {
            throw new BackendException.InvalidRequest(
                    operation,
                    "this handle already holds the lock or is acquiring it, make another handle to contend twice");
        }
        Lease won = null;
        try {
            won = recipe.acquire(key, value, deadline).orElse(null);
            return Optional.ofNullable(won);
        } catch (BackendException.OutcomeUnknown e) {
            throw new BackendException.Unavailable(e.operation(), "the store did not answer; the lock is not held", e);
        } finally {
            use.set(won);
        }
    }
}
