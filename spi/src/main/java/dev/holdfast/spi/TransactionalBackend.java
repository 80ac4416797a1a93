package dev.holdfast.spi;

import java.util.List;

/** Storage that can change several keys at once. */
public interface TransactionalBackend extends Backend {
    /**
     * Applies all mutations or none; readers see all of them or none (rule KV-08). An empty list does nothing.
     *
     * @throws BackendException.LimitExceeded when there are more than {@link Limits#maxMutations()}, or they are larger
     *     than the limits allow; nothing was sent
     * @throws BackendException.InvalidRequest when a key stands in it twice, or the instance does not declare
     *     {@link Capability#TRANSACTIONS}; nothing was sent
     */
    void commit(List<Mutation> mutations);
}
