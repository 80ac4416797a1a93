package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Alarms;
import dev.holdfast.spi.driver.Deadline;
import dev.holdfast.spi.driver.Turnstile;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets the writes of one term through for as long as its lease is held, and counts them. For a bounded pair it also keeps
 * the bounds: a write begins soon after a {@linkplain MarkerRenewal renewal of the marker}, needs as much lease as it may
 * take, and takes no longer.
 */
final class Guard {
    /** The bound of each write of a bounded pair. */
    record Bound(Duration deadline, Alarms alarms) {}

    private final Operation place;
    private final Lease lease;
    private final @Nullable Bound bound;
    private final Consumer<BackendException.Fenced> onFenced;
    private final Turnstile writes = new Turnstile();

    /** Until when writes of a bounded pair may begin; null before it may write at all. */
    private final AtomicReference<@Nullable Long> permitted = new AtomicReference<>();

    /** Why they may not, for messages; of interest while they may not. */
    private volatile String hindrance = "it has not tried yet";

    /** When the last write of unknown outcome ended. */
    private final AtomicReference<@Nullable Long> lastUncertain = new AtomicReference<>();

    /** @param onFenced told when storage rejected a write, from the thread that wrote; must not block */
    Guard(Backend storage, Lease lease, @Nullable Bound bound, Consumer<BackendException.Fenced> onFenced) {
        this.place = Operation.at("ha", "lock '" + lease.key() + "', storage " + storage);
        this.lease = lease;
        this.bound = bound;
        this.onFenced = onFenced;
    }

    /**
     * Makes a write, or refuses it before anything is sent.
     *
     * @throws BackendException.Fenced when the term is over
     * @throws BackendException.Unavailable when less of the lease is left than the write may take, or the marker of the
     *     term has not been renewed for too long
     */
    void write(String action, Object subject, Runnable write) {
        if (!writes.enter()) {
            throw new BackendException.Fenced(place.on(action + " after the term's end", subject), lease.token());
        }
        boolean certain = false;
        try {
            if (lease.isHeld() && !isPermitted()) {
                throw new BackendException.Unavailable(
                        place.on(action, subject),
                        "this node could not show in storage for too long that it still holds the lock: " + hindrance,
                        null);
            }
            send(action, subject, write);
            certain = true;
        } catch (BackendException e) {
            certain = !e.maybeApplied();
            if (e instanceof BackendException.Fenced fenced && lease.isHeld()) {
                onFenced.accept(fenced); // or the loss of the lease says it better
            }
            throw e;
        } finally {
            if (!certain) {
                lastUncertain.accumulateAndGet(System.nanoTime(), Guard::later);
            }
            writes.leave();
        }
    }

    private void send(String action, Object subject, Runnable write) {
        Duration left = lease.remaining();
        if (!lease.isHeld()) {
            throw new BackendException.Fenced(place.on(action + " without a lease", subject), lease.token());
        }
        if (bound == null) {
            write.run();
            return;
        }
        if (left.compareTo(bound.deadline) < 0) {
            throw new BackendException.Unavailable(
                    place.on(action, subject),
                    "only " + left.toMillis() + " ms of the lease are left and the write may take "
                            + bound.deadline.toMillis() + " ms",
                    null);
        }
        AtomicBoolean begun = new AtomicBoolean();
        try {
            bound.alarms.within(bound.deadline, () -> {
                begun.set(true);
                write.run();
                return null;
            });
        } catch (RejectedExecutionException e) {
            if (begun.get()) {
                throw e; // of the write's own, of which nobody knows how far it came
            }
            throw new BackendException.Closed(place.on(action, subject), false);
        }
    }

    /** Makes a write of the library's own, whether or not others are let through; refused without enough lease. */
    void own(String action, Object subject, Runnable write) {
        send(action, subject, write);
    }

    /** Lets writes begin until then, or longer if that was said before; for a bounded pair. */
    void permit(long until) {
        var unused = permitted.accumulateAndGet(until, Guard::later);
    }

    /** Says what keeps writes from being permitted; does not take back what was. */
    void hinder(String why) {
        hindrance = why;
    }

    /** What was said last to keep them from being permitted. */
    String hindrance() {
        return hindrance;
    }

    /** Whether writes may begin, as far as renewals of the marker go. */
    boolean isPermitted() {
        Long until = permitted.get();
        return bound == null || (until != null && System.nanoTime() - until < 0);
    }

    /** Waits for a renewal, where one write needs it; no longer than a write may take, or the lease is held. */
    void awaitLease() throws InterruptedException {
        if (bound != null) {
            boolean unused = await(bound, bound.deadline, () -> true);
        }
    }

    /** Waits until writes are let through, but no longer than this, or the lease is held; returns whether they are. */
    boolean awaitPermission(Duration longest) throws InterruptedException {
        return bound == null || await(bound, longest, this::isPermitted);
    }

    private boolean await(Bound needed, Duration atMost, BooleanSupplier condition) throws InterruptedException {
        Deadline longest = Deadline.after(atMost);
        while (true) {
            boolean ready = lease.remaining().compareTo(needed.deadline) >= 0 && condition.getAsBoolean();
            if (ready || !lease.isHeld() || longest.passed()) {
                return ready;
            }
            Thread.sleep(1);
        }
    }

    /** Refuses every write from now on; those under way go on. */
    void shut() {
        writes.shut();
    }

    /** Waits until no write is under way; returns whether that came to pass within the bound. */
    boolean drain(Duration longest) throws InterruptedException {
        return writes.awaitEmpty(longest);
    }

    private static Long later(@Nullable Long known, Long next) {
        return known == null || next - known > 0 ? next : known;
    }

    /** Whether a write of unknown outcome ended so recently that it may still arrive. */
    boolean mayStillArrive(Duration within) {
        Long uncertain = lastUncertain.get();
        return uncertain != null && System.nanoTime() - uncertain < within.toNanos();
    }

    /** For what the term itself is called in messages. */
    @Override
    public String toString() {
        String kind = bound == null ? "fenced" : "writes bounded by " + bound.deadline.toMillis() + " ms";
        return place + ", token " + lease.token() + ", " + kind;
    }
}
