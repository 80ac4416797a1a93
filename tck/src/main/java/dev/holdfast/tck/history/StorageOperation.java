package dev.holdfast.tck.history;

import org.jspecify.annotations.Nullable;

/**
 * One call on one key, as its caller saw it.
 *
 * @param value what was put, or what a get returned; null for absent and for a delete
 * @param start on {@link System#nanoTime()}, before the call
 * @param end after the call; {@link #NEVER} when it is not known whether and when it took effect
 */
public record StorageOperation(
        String client, Kind kind, @Nullable String value, long start, long end) {
    /** The end of a write that may take effect at any time after its start, or never. */
    public static final long NEVER = Long.MAX_VALUE;

    /** What was done. */
    public enum Kind {
        /** Read the value. */
        GET,
        /** Replaced the value. */
        PUT,
        /** Removed the value. */
        DELETE
    }

    /** Whether it is known to have taken effect between start and end. */
    public boolean certain() {
        return end != NEVER;
    }

    /** The same, known to have taken effect by then. */
    StorageOperation endingBy(long instant) {
        return new StorageOperation(client, kind, value, start, Math.max(start, instant));
    }

    @Override
    public String toString() {
        String done = kind + (kind == Kind.DELETE ? "" : " " + (value == null ? "absent" : value));
        return client + " " + done + (certain() ? "" : " (outcome unknown)");
    }
}
