package dev.holdfast.backend.zookeeper;

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

/** A backend as the holder of one token sees it: each write carries the condition that the fence stands there. */
final class ZooKeeperFencedView implements TransactionalBackend {
    private final ZooKeeperBackend backend;
    private final ZooKeeperFence fence;
    private final String name;

    ZooKeeperFencedView(ZooKeeperBackend backend, ZooKeeperFence fence, String name) {
        this.backend = backend;
        this.fence = fence;
        this.name = name;
    }

    @Override
    public Optional<Entry> get(Key key) {
        return backend.get(key);
    }

    @Override
    public void put(Entry entry) {
        backend.put(entry, fence);
    }

    @Override
    public void delete(Key key) {
        backend.delete(key, fence);
    }

    @Override
    public void commit(List<Mutation> mutations) {
        backend.commit(mutations, fence);
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

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> mine = EnumSet.copyOf(backend.capabilities());
        mine.removeAll(Set.of(Capability.FENCING, Capability.LOCKS));
        return mine;
    }

    /** Does nothing: the view ends with the instance that it came from. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return name;
    }
}
