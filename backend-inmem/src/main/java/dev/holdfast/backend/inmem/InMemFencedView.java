package dev.holdfast.backend.inmem;

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

/** The storage of a backend as the holder of a token sees it: every write carries the token. */
final class InMemFencedView implements TransactionalBackend {
    private final InMemBackend backend;
    private final long token;

    InMemFencedView(InMemBackend backend, long token) {
        this.backend = backend;
        this.token = token;
    }

    @Override
    public Optional<Entry> get(Key key) {
        return backend.get(key);
    }

    @Override
    public void put(Entry entry) {
        backend.put(entry, token);
    }

    @Override
    public void delete(Key key) {
        backend.delete(key, token);
    }

    @Override
    public void commit(List<Mutation> mutations) {
        backend.commit(mutations, token);
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        return backend.list(prefix, after, limit);
    }

    @Override
    public Limits limits() {
        return backend.limits();
    }

    @Override
    public Set<Capability> capabilities() {
        EnumSet<Capability> rest = EnumSet.copyOf(backend.capabilities());
        rest.remove(Capability.FENCING);
        rest.remove(Capability.LOCKS);
        return Set.copyOf(rest);
    }

    /** Nothing to close: the connections are the backend's. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return backend + " fenced with token " + token;
    }
}
