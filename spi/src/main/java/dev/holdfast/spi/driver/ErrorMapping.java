package dev.holdfast.spi.driver;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;

/** A driver's translation of its client library's failures. */
@FunctionalInterface
public interface ErrorMapping {
    /**
     * The error to throw.
     *
     * @param failure what the client library reported, unwrapped
     * @param write whether the call may have changed something: a failure after which that is not known must become
     *     {@link BackendException.OutcomeUnknown}
     */
    BackendException map(Operation operation, Throwable failure, boolean write);
}
