package dev.holdfast.ha;

/** What stops a write that a deposed active had sent before it knew (rule SP-04). */
public enum Protection {
    /** {@code storage} itself: it rejects the write, because the successor raised its fence. */
    FENCED,
    /**
     * Time: no write is sent with less lease left than its deadline, every write is cut at that deadline, and after an
     * unclean takeover the successor waits {@code lock_delay}. A process that is stopped between checking and sending is
     * not covered.
     */
    BOUNDED,
    /** Nothing: there is no lock, so the service can only run alone. */
    NONE
}
