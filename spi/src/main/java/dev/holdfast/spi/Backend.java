package dev.holdfast.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Key-value storage in some store.
 *
 * <p>Every call is linearizable per key (reads where {@link Capability#LINEARIZABLE_READS} is declared), blocks until
 * the store has answered, and ends within the instance's {@code request_timeout} at the latest. Failures are
 * {@link BackendException}s whose type says whether the operation was applied:
 *
 * <ul>
 *   <li>{@link BackendException.Unavailable}: not applied, may be tried again;
 *   <li>{@link BackendException.OutcomeUnknown}: a write that may or may not have been applied;
 *   <li>{@link BackendException.LimitExceeded}: larger than {@link #limits()}, not applied, nothing was sent;
 *   <li>{@link BackendException.AccessDenied}: the store refused the credentials, not applied;
 *   <li>{@link BackendException.Corrupt}: what the store holds cannot be what this backend wrote;
 *   <li>{@link BackendException.Closed}: the instance is closed or was closed meanwhile.
 * </ul>
 *
 * An outage is never reported as absence (rule ER-02). An interrupted thread leaves the call promptly with its
 * interrupt status set: a read throws {@code Unavailable}, and so does a write that was not sent yet; one that was sent throws
 * {@code OutcomeUnknown} (rule ER-05).
 *
 * <p>Instances are safe for use by any number of threads. {@link Object#toString()} names the type and the store and
 * shows no secret.
 */
public interface Backend extends AutoCloseable {
    /** The entry stored under {@code key}; empty when there is none. */
    Optional<Entry> get(Key key);

    /**
     * Stores the entry, replacing the whole value that was there. It is as durable as the store can make it when this
     * returns.
     */
    void put(Entry entry);

    /** Removes the key. Succeeds also when it is absent; what lies below {@code key.asPrefix()} stays. */
    void delete(Key key);

    /**
     * A page of the immediate children of {@code prefix}: keys as {@code name}, subtrees as {@code name/}, each once,
     * in {@link Prefix#NAME_ORDER}. A name that is both a key and a subtree is listed as both. What the backend keeps
     * for itself, such as locks and fences, is never listed.
     *
     * @param after only names greater than this are listed, in {@code NAME_ORDER}; it need not exist; {@code ""} starts
     *     at the beginning
     * @param limit the most names wanted, at least 1; fewer are returned only when there are no more
     * @throws IllegalArgumentException when {@code limit} is below 1 or UTF-8 cannot encode {@code after}
     */
    List<String> list(Prefix prefix, String after, int limit);

    /**
     * All immediate children of {@code prefix}, page by page; a listing that many writers change meanwhile is exact
     * for the names that did not change.
     */
    default List<String> list(Prefix prefix) {
        int page = 1_000;
        List<String> names = new ArrayList<>(list(prefix, "", page));
        for (int got = names.size(); got == page; ) {
            List<String> next = list(prefix, names.get(names.size() - 1), page);
            names.addAll(next);
            got = next.size();
        }
        return names;
    }

    /** The largest things this instance accepts. Constant, no I/O. */
    Limits limits();

    /** What this instance promises. Constant, no I/O. */
    Set<Capability> capabilities();

    /**
     * Releases the leases that were won through this instance, fails pending calls with {@code Closed} and frees every
     * thread and connection. Idempotent; does not throw; returns within {@code request_timeout}.
     */
    @Override
    void close();
}
