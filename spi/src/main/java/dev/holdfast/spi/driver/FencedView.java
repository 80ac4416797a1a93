package dev.holdfast.spi.driver;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.TransactionalBackend;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What {@link dev.holdfast.spi.FencingBackend#fence} returns: a backend as the holder of one token sees it. Reads are the
 * backend's own; each write carries the fence, and it is the store that compares it.
 *
 * @param <F> what the backend puts into a write so that the store can do that
 */
public final class FencedView<F> implements TransactionalBackend {
    /** The writes of a backend under a fence; they throw what those without one throw, and {@code Fenced}. */
    public interface Writes<F> {
        /** Puts, if the fence still stands. */
        void put(Entry entry, F fence);

        /** Deletes, if the fence still stands. */
        void delete(Key key, F fence);

        /** Applies all, if the fence still stands, or nothing. */
        void commit(List<Mutation> mutations, F fence);
    }

    private final TransactionalBackend backend;
    private final Writes<? super F> writes;
    private final F fence;
    private final String name;

    private FencedView(TransactionalBackend backend, Writes<? super F> writes, F fence, String name) {
        this.backend = backend;
        this.writes = writes;
        this.fence = fence;
        this.name = name;
    }

    /** A view of a backend whose fence has been raised to the token. */
    public static <F, B extends TransactionalBackend & Writes<? super F>> FencedView<F> of(
            B backend, F fence, long token) {
        return new FencedView<>(backend, backend, fence, backend + " fenced at " + token);
    }

    @Override
    public Optional<Entry> get(Key key) {
        return backend.get(key);
    }

    @Override
    public void put(Entry entry) {
        writes.put(entry, fence);
    }

    @Override
    public void delete(Key key) {
        writes.delete(key, fence);
    }

    @Override
    public void commit(List<Mutation> mutations) {
        writes.commit(mutations, fence);
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        return backend.list(prefix, after, limit);
    }

    @Override
    public List<String> list(Prefix prefix) {
        return backend.list(prefix);
    }

    @Override
    public Limits limits() {
        return backend.limits();
    }

    /** Those of the backend, without fencing and locks. */
    @Override
    public Set<Capability> capabilities() {
        Set<Capability> mine = EnumSet.copyOf(backend.capabilities());
        mine.removeAll(Set.of(Capability.FENCING, Capability.LOCKS, Capability.WATCHES));
        return mine;
    }

    /** Does nothing: the view ends with the backend that it came from. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return name;
    }
}
