package dev.holdfast.spi;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * What the winner of a lock holds.
 *
 * <p>The lease is renewed by its backend until it is released or lost. Its deadline counts from the moment the last
 * acknowledged renewal was <em>sent</em>, on {@link System#nanoTime()}, less a safety margin, so the holder knows of a
 * loss before a rival can win (rule LO-02). Loss is final: reconnecting never revives a lease (rule LO-08).
 *
 * <p>A process that is paused past the deadline finds {@link #isHeld()} false when it wakes. What it had already sent
 * is stopped by {@link FencingBackend#fence fencing} with {@link #token()}.
 */
public interface Lease extends AutoCloseable {
    /** The lock that was won. */
    Key key();

    /**
     * A number of at least 1 that is higher than that of every earlier holder of this lock, over the whole life of the
     * store, deletion of the lock included (rule FN-01).
     */
    long token();

    /** Whether the lock is held at this moment. Local: no I/O, no lock, never blocks. */
    boolean isHeld();

    /** How long the lease lasts if it is not renewed again; zero when it is not held. Local, never blocks. */
    Duration remaining();

    /**
     * Completes once, normally, when the lease is lost. Stays incomplete for ever when the lease is released first, so
     * bound any wait for it. The stage cannot be completed by the caller. Dependents run on a thread of the backend's
     * that has no other duty; a slow one delays neither renewal nor other leases (rule LO-06).
     */
    CompletionStage<Loss> lost();

    /**
     * Gives the lock up. {@link #isHeld()} is false before the store is told. Does nothing when the lease was already
     * released or lost, and never frees a successor (rule HA-05).
     *
     * @throws BackendException.Unavailable or {@link BackendException.OutcomeUnknown} when the store did not confirm in
     *     time. The lease is over for this holder all the same; the backend goes on telling the store until it has
     *     confirmed or has expired the lease itself (rule HA-06).
     */
    void release();

    /** The same as {@link #release()}. */
    @Override
    default void close() {
        release();
    }
}
