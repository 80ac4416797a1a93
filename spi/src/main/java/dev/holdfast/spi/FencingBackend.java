package dev.holdfast.spi;

/**
 * Storage that can shut out a deposed writer.
 *
 * <p>One fence stands per {@code path} (namespace) of the store; it is a number that only rises. The store itself
 * compares it in the same step as each write through a {@linkplain #fence fenced view}, so it costs no further round
 * trip, and a write that was delayed on the way past a takeover is rejected when it arrives (rule FN-02).
 */
public interface FencingBackend extends Backend {
    /**
     * Raises the fence to {@code token} and returns a view for writing as the holder of that token. From the moment
     * anybody raises the fence higher, every write, delete and commit of the view throws {@link BackendException.Fenced}
     * and applies nothing. Reads are not fenced.
     *
     * <p>Raising it again to the token that stands is not an error (rule FN-04). Writes that do not go through a view
     * are not fenced. The view shares this instance's connections and ends with it; closing the view does nothing. It
     * implements {@link TransactionalBackend} where this instance does, and declares this instance's capabilities
     * without {@code FENCING} and {@code LOCKS}.
     *
     * @param token at least 1; normally {@link Lease#token()}, of whatever store the lock lives in
     * @throws BackendException.Fenced when a higher fence stands; the fence is unchanged
     * @throws BackendException.InvalidRequest when the instance does not declare {@link Capability#FENCING}, or
     *     {@code token} is below 1; the fence is unchanged
     */
    Backend fence(long token);
}
