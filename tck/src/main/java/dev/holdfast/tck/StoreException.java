package dev.holdfast.tck;

import org.jspecify.annotations.Nullable;

/** A store that a harness could not bring up; the message says what a person can do about it. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what is wrong and the way out, in plain words */
    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
