package dev.holdfast.ha;

/** What stops a write that a deposed active had sent before it knew (rule SP-04). */
public enum Protection {
    /** {@code storage} itself: it rejects the write, because the successor raised its fence. */
    FENCED,
    /**
     * Time: a write begins within half a {@code lock_ttl} of a sign in storage that its writer was there and held the lock
     * afterwards, and is cut at its deadline, with as much lease left; after an unclean end the successor waits until that
     * and {@code lock_delay} have passed since it saw the last sign. A process that is stopped between checking and sending
     * is not covered.
     */
    BOUNDED,
    /** Nothing: there is no lock, so the service can only run alone. */
    NONE
}
