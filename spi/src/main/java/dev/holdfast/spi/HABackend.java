package dev.holdfast.spi;

/** A backend that can elect a leader. */
public interface HABackend extends Backend {
    /** The longest {@code value} of a lock, in bytes of UTF-8. */
    int MAX_LOCK_VALUE_BYTES = 1024;

    /**
     * A handle with which one contender competes for the lock named {@code key}. Does no I/O. Locks live beside
     * storage: a lock and a value of the same key do not meet, and no lock is ever listed.
     *
     * @param value what {@link HALock#holder()} tells others about this contender, such as its identity; need not be
     *     unique; at most {@link #MAX_LOCK_VALUE_BYTES}
     * @throws BackendException.InvalidRequest when {@link #haEnabled()} is false
     * @throws BackendException.LimitExceeded when {@code value} is too long
     * @throws BackendException.Closed when the instance is closed
     */
    HALock lock(Key key, String value);

    /**
     * Whether this instance may lock: false when configuration turned locks off or the store was found unable to carry
     * them. Constant, no I/O; the same answer as {@link Capability#LOCKS}.
     */
    boolean haEnabled();
}
