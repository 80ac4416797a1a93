package dev.holdfast.spi;

import java.time.Duration;
import java.util.Optional;

/**
 * One contender's handle on a lock.
 *
 * <p>A handle holds at most one lease at a time; to contend twice, make two handles. A handle whose lease was released
 * or lost may acquire again and then gets a higher token. Safe for use by several threads.
 */
public interface HALock {
    /**
     * Waits until the lock is won; where the store can queue, in the order in which contenders arrived. It goes on
     * waiting as long as the store answers; an outage longer than {@code request_timeout} is thrown. Whenever it throws,
     * nothing is left behind: this contender does not stay queued and is not granted the lock later (rule HA-03).
     *
     * @throws InterruptedException when the thread is interrupted while it waits
     * @throws BackendException.Unavailable when the store could not be reached; the lock is not held
     * @throws BackendException.InvalidRequest when this handle already holds the lock or is acquiring it (rule HA-04)
     * @throws BackendException.Closed when the backend is closed
     */
    Lease acquire() throws InterruptedException;

    /**
     * As {@link #acquire()}, but gives up after {@code timeout}. A zero timeout asks the store once.
     *
     * @param timeout at least zero; each single request is still bounded by {@code request_timeout}
     * @return empty when another contender held the lock all the while. A store that did not answer is no such proof
     *     and throws {@code Unavailable}.
     */
    Optional<Lease> tryAcquire(Duration timeout) throws InterruptedException;

    /**
     * Who holds the lock now: never a waiter, never a past holder; empty when it is free. Any client may ask (rule
     * HA-08).
     *
     * @throws BackendException.Unavailable when the store could not be reached
     */
    Optional<Holder> holder();

    /**
     * Tells when to ask {@link #holder()} again: once soon after the watch has begun, and after every change of the holder
     * since then (rule HA-09). Where the instance declares {@link Capability#WATCHES} the store tells of it, and is not
     * asked while nothing changes; elsewhere this asks every {@code poll}. Several changes may be told of once, and now
     * and then there is none. A change that fell into an outage is told of when the store can be reached again.
     *
     * <p>Does no I/O in the calling thread and does not wait for any; a store that cannot be reached is tried again until
     * the watch is closed, by its owner or with the backend.
     *
     * @param poll how often to ask a store that does not tell; more than zero
     * @param news runs in a thread that has no other duty, never twice at once; a slow one delays only its own next run.
     *     What it throws goes to the thread's {@link Thread.UncaughtExceptionHandler}, and the watch goes on.
     * @throws BackendException.Closed when the backend is closed
     */
    Watch watch(Duration poll, Runnable news);

    /** Goes on until it is closed. */
    interface Watch extends AutoCloseable {
        /** Tells no more; a run that has begun is not waited for. Idempotent, does not throw. */
        @Override
        void close();
    }
}
