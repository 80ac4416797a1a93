package dev.holdfast.spi.driver;

import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What a store does for {@link QueueRecipe}: for each lock it keeps a queue of entries that live as long as the session
 * that made them. Who came first holds the lock.
 *
 * <p>Nothing here blocks or throws, and every future is bounded by the driver's request timeout or by its session,
 * except where it says otherwise. A future may be completed on any thread.
 */
public interface LockQueues {
    /**
     * Opens a session that the driver keeps alive.
     *
     * @return who cancels it gives the attempt up, with everything that it has begun
     */
    CompletableFuture<? extends Session> open();

    /** As {@link dev.holdfast.spi.HALock#holder()}. */
    CompletableFuture<Optional<Holder>> holder(Key lock);

    /**
     * Watches the queue of a lock until it is closed, or the driver is.
     *
     * @param changed runs on any thread and does not block: once when no later change of the first entry can be missed,
     *     after every such change, and once again whenever a watch that had broken stands again; also without a change
     */
    HALock.Watch watch(Key lock, Runnable changed);

    /** A session, and everything of one instance that lives in it. */
    interface Session {
        /** The leases that were won in it; to end them is to end the session. */
        LeaseSession leases();

        /** Completes when the session has ended, for whatever reason. */
        CompletableFuture<Void> ended();

        /** Completes, after the end, when the store has removed what lived in the session, or will not hear of it. */
        CompletableFuture<Void> freed();

        /** Someone who wants a lock. Does no I/O. */
        Contender contender(Key lock);
    }

    /** One entry in the queue of one lock, made once at most. */
    interface Contender {
        /**
         * Creates the entry and reads where it stands. Sent once at most.
         *
         * @param onlyIfFree need not create anything where others queue: nobody would wait for it
         */
        CompletableFuture<Standing> join(String value, boolean onlyIfFree);

        /** Reads where the entry stands now; {@link Standing#GONE} when it is there no longer. */
        CompletableFuture<Standing> look(Standing before);

        /** Begins to watch the entry right ahead. */
        Watch watch(String ahead);

        /** The contender was first and this is its lease, to be told when the entry is taken away behind its back. */
        void won(SessionLease lease);

        /**
         * Removes the entry and stops what {@link #won} began, also when {@link #join} may still be under way: then
         * nothing comes of that later. Tries until it is confirmed or the session has ended; does so once, and always
         * gives a future of the one outcome, which a caller may cancel.
         */
        CompletableFuture<Void> leave();
    }

    /** Waits for one entry to go. */
    interface Watch extends AutoCloseable {
        /** Completes when the entry has gone, or when that can no longer be noticed: look again. Not bounded. */
        CompletableFuture<Void> stirred();

        /**
         * Where the contender stood when {@link #stirred} completed, if that is as certain as another
         * {@link Contender#look} would make it; it saves each hand-off a round trip.
         */
        default Optional<Standing> standing() {
            return Optional.empty();
        }

        @Override
        void close();
    }

    /**
     * Where a contender stood at a moment.
     *
     * @param token the token of whoever holds the lock by this entry; 0 when the entry is not there
     * @param ahead the entry right before it; where it was not to queue, any entry that held it off
     */
    record Standing(long token, Optional<String> ahead) {
        /** Neither queued nor held off. */
        public static final Standing GONE = new Standing(0, Optional.empty());

        /** Whether the entry is there. */
        public boolean queued() {
            return token > 0;
        }

        /** Whether the entry holds the lock. */
        public boolean first() {
            return queued() && ahead.isEmpty();
        }
    }
}
