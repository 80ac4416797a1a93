package dev.holdfast.backend.inmem;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;

/** The translation of what a link reports. */
final class InMemErrors {
    private InMemErrors() {}

    /** The connection to the store is down, or went down before the answer came. */
    static final class ConnectionReset extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final boolean sent;

        /** @param sent whether the request may have reached the store */
        ConnectionReset(boolean sent) {
            super(sent ? "connection reset before the answer came" : "connection reset, nothing was sent");
            this.sent = sent;
        }
    }

    /** As {@link dev.holdfast.spi.driver.ErrorMapping} asks. */
    static BackendException map(Operation operation, Throwable failure, boolean write) {
        boolean sent = !(failure instanceof ConnectionReset reset) || reset.sent;
        return write && sent
                ? new BackendException.OutcomeUnknown(operation, String.valueOf(failure.getMessage()), failure)
                : new BackendException.Unavailable(operation, String.valueOf(failure.getMessage()), failure);
    }
}
