package dev.holdfast.spi;

/**
 * What an instance promises beyond the plain {@link Backend} contract.
 *
 * <p>Capabilities are declared by the instance, not by its class: configuration may take one away. A declared one must
 * work. An undeclared one must be refused: either the instance does not implement the interface, or the call throws
 * {@link BackendException.InvalidRequest} naming the capability and applies nothing (rule H-04).
 */
public enum Capability {
    /** A {@code get} or {@code list} sees every write that was acknowledged, to any client, before it began. */
    LINEARIZABLE_READS,
    /** What was acknowledged survives a restart of the store (rule KV-09). */
    DURABLE,
    /** {@link TransactionalBackend#commit} works. */
    TRANSACTIONS,
    /** {@link FencingBackend#fence} works. */
    FENCING,
    /** {@link HABackend#lock} works; the same answer as {@link HABackend#haEnabled()}. */
    LOCKS,
    /** The store itself tells {@link HALock#watch} of changes; only an instance that has {@link #LOCKS} declares it. */
    WATCHES
}
