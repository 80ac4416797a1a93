package dev.holdfast.spi;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A call that failed. Act on the type, never on the message.
 *
 * <p>The message names the backend, the store, the call and its key, says what happened and whether the operation was
 * applied. It never contains a value or a secret.
 */
public abstract sealed class BackendException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Operation operation;

    private BackendException(Operation operation, String detail, String consequence, @Nullable Throwable cause) {
        super(operation + ": " + detail + " [" + consequence + "]", cause);
        this.operation = operation;
    }

    /** What failed, and where. */
    public Operation operation() {
        return operation;
    }

    /** Whether the operation may have been applied; false means that it certainly was not. */
    public boolean maybeApplied() {
        return false;
    }

    /** Whether the same call may succeed later without anything being changed by a person. */
    public boolean retryable() {
        return false;
    }

    /** The store could not be reached or did not answer in time. Not applied. */
    public static final class Unavailable extends BackendException {
        private static final long serialVersionUID = 1L;

        /** @param detail what happened, without a full stop */
        public Unavailable(Operation operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, "not applied, may be tried again", cause);
        }

        @Override
        public boolean retryable() {
            return true;
        }
    }

    /** A write was sent and no answer came: it may have been applied. Read back before doing it again. */
    public static final class OutcomeUnknown extends BackendException {
        private static final long serialVersionUID = 1L;

        /** @param detail what happened, without a full stop */
        public OutcomeUnknown(Operation operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, "may have been applied, read back before trying again", cause);
        }

        @Override
        public boolean maybeApplied() {
            return true;
        }

        @Override
        public boolean retryable() {
            return true;
        }
    }

    /** The store's fence stands higher than the writer's token: somebody else is in charge. Not applied. */
    public static final class Fenced extends BackendException {
        private static final long serialVersionUID = 1L;

        private final long token;

        /** @param token the token of the writer that was refused */
        public Fenced(Operation operation, long token) {
            super(operation, "token " + token + " is below the fence: a later holder took over", "not applied", null);
            this.token = token;
        }

        /** The token of the writer that was refused. */
        public long token() {
            return token;
        }
    }

    /** Larger than {@link Limits} allows. Not applied, nothing was sent. */
    public static final class LimitExceeded extends BackendException {
        private static final long serialVersionUID = 1L;

        private final long limit;
        private final long actual;

        /** @param what the thing measured, with its unit, such as {@code value in bytes} */
        public LimitExceeded(Operation operation, String what, long limit, long actual) {
            super(
                    operation,
                    String.format(Locale.ROOT, "%s: %,d, the limit is %,d", what, actual, limit),
                    "not applied",
                    null);
            this.limit = limit;
            this.actual = actual;
        }

        /** The largest accepted size. */
        public long limit() {
            return limit;
        }

        /** The size that was refused. */
        public long actual() {
            return actual;
        }
    }

    /** The call makes no sense here, whatever the state of the store: a capability not declared, a handle in use. */
    public static final class InvalidRequest extends BackendException {
        private static final long serialVersionUID = 1L;

        /** @param detail what is wrong and the way out, without a full stop */
        public InvalidRequest(Operation operation, String detail) {
            super(operation, detail, "not applied", null);
        }
    }

    /** The store refused the credentials or their permissions. Not applied; waiting does not help. */
    public static final class AccessDenied extends BackendException {
        private static final long serialVersionUID = 1L;

        /** @param detail what was refused, without any credential */
        public AccessDenied(Operation operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, "not applied, check the credentials and their permissions", cause);
        }
    }

    /** The store holds something that this backend cannot have written, or that was damaged since. */
    public static final class Corrupt extends BackendException {
        private static final long serialVersionUID = 1L;

        /** @param detail what was found and what was expected, without the bytes */
        public Corrupt(Operation operation, String detail, @Nullable Throwable cause) {
            super(operation, detail, "not applied, the store's content needs a person's attention", cause);
        }
    }

    /** The instance is closed, or was closed while the call was under way. */
    public static final class Closed extends BackendException {
        private static final long serialVersionUID = 1L;

        private final boolean maybeApplied;

        /** @param maybeApplied whether a write had been sent when the instance was closed */
        public Closed(Operation operation, boolean maybeApplied) {
            super(operation, "the backend is closed", maybeApplied ? "may have been applied" : "not applied", null);
            this.maybeApplied = maybeApplied;
        }

        @Override
        public boolean maybeApplied() {
            return maybeApplied;
        }
    }
}
