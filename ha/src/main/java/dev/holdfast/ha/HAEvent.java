package dev.holdfast.ha;

import java.time.Instant;

/**
 * What happened to a node, for operators.
 *
 * @param at when, on the wall clock; for people, nothing is decided by it
 * @param who the node, as its lock's value names it
 * @param kind what happened
 * @param token of the lease that it is about; 0 when it is about none
 * @param why one sentence
 */
public record HAEvent(Instant at, String who, Kind kind, long token, String why) {
    /** The kinds of event. */
    public enum Kind {
        /** The node contends for the lock. */
        STANDBY,
        /** It won the lock and makes storage safe to write. */
        WON,
        /** A bounded pair, and the last active did not end cleanly: it waits until no write of its can arrive. */
        LOCK_DELAY,
        /** The service has been started and is active. */
        ACTIVE,
        /** The active has lost its lease. */
        LEASE_LOST,
        /** The active could not reach {@code storage} and gave the lock up. */
        STORAGE_LOST,
        /** {@code storage} rejected a write of the active although its lease was held: somebody raised the fence. */
        FENCED,
        /** The active was asked to step down. */
        STEPPED_DOWN,
        /** The service could not be started, or storage could not be taken over. */
        FAILED,
        /** The service has not stopped within its bound; the node does not contend before it has. */
        STOP_OVERDUE,
        /** The service has stopped, and the lock is released, or will be when its lease has run out. */
        STOPPED,
        /** The lock store's tokens are below the fence of storage; no node can become active before a person acts. */
        LOCK_STORE_BEHIND,
        /** A store could not be used; the node tries again after a short pause. */
        ERROR,
        /** The node was closed. */
        CLOSED
    }

    /** Whether it needs an operator's attention. */
    public boolean isTrouble() {
        return switch (kind) {
            case LEASE_LOST, STORAGE_LOST, FENCED, FAILED, STOP_OVERDUE, LOCK_STORE_BEHIND, ERROR -> true;
            case STANDBY, WON, LOCK_DELAY, ACTIVE, STEPPED_DOWN, STOPPED, CLOSED -> false;
        };
    }

    /** One line, without the time. */
    @Override
    public String toString() {
        return who + ": " + kind + (token == 0 ? "" : " with token " + token) + ": " + why;
    }
}
