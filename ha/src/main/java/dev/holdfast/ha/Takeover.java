package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** How storage is made safe to write for the holder of a lease, and left in order after it. */
interface Takeover extends AutoCloseable {
    /** The node begins to contend; called once, before the first term. */
    default void start() {}

    /**
     * Makes sure that no write of an earlier term takes effect after this has returned.
     *
     * @return where this term writes, behind {@code term}'s guard already
     * @throws LockStoreBehindException when no term of this lock store can be safe
     * @throws dev.holdfast.spi.BackendException when storage could not be used
     * @throws TermOverException when the term was over before it was safe
     */
    Backend begin(Term term) throws InterruptedException, LockStoreBehindException, TermOverException;

    /** Why the term that has begun is of no use any more, although its lease is held and storage answers; empty while it is. */
    default Optional<String> problem() {
        return Optional.empty();
    }

    /**
     * Says to the next term that this one left nothing on the way. The lock may be given up meanwhile.
     *
     * @return completed when that was said, or could not be
     */
    CompletableFuture<Void> endCleanly(Term term);

    /** The node contends no more. */
    @Override
    default void close() {}

    /** The term ended during its takeover. */
    final class TermOverException extends Exception {
        private static final long serialVersionUID = 1L;

        TermOverException() {
            super("the term is over", null, false, false);
        }
    }

    /** The lock store gives tokens below the fence that stands in storage. */
    final class LockStoreBehindException extends Exception {
        private static final long serialVersionUID = 1L;

        private final LockStore seen;

        LockStoreBehindException(String message, LockStore seen) {
            super(message);
            this.seen = seen;
        }

        /** What storage said of the lock store at that time; when it says something else, it is worth another try. */
        LockStore seen() {
            return seen;
        }
    }
}
