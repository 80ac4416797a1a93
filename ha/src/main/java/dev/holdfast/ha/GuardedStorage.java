package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
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

/** Storage as one term sees it: every write passes its guard. */
class GuardedStorage implements Backend {
    private final Backend storage;
    final Guard guard;

    private GuardedStorage(Backend storage, Guard guard) {
        this.storage = storage;
        this.guard = guard;
    }

    /** @param storage the fenced view, or the plain storage of a bounded pair */
    static GuardedStorage of(Backend storage, Guard guard) {
        return storage instanceof TransactionalBackend transactional
                ? new Transactional(transactional, guard)
                : new GuardedStorage(storage, guard);
    }

    private static final class Transactional extends GuardedStorage implements TransactionalBackend {
        private final TransactionalBackend storage;

        Transactional(TransactionalBackend storage, Guard guard) {
            super(storage, guard);
            this.storage = storage;
        }

        @Override
        public void commit(List<Mutation> mutations) {
            guard.write("commit", mutations.size() + " mutations", () -> storage.commit(mutations));
        }
    }

    @Override
    public Optional<Entry> get(Key key) {
        return storage.get(key);
    }

    @Override
    public void put(Entry entry) {
        guard.write("put", entry.key(), () -> storage.put(entry));
    }

    @Override
    public void delete(Key key) {
        guard.write("delete", key, () -> storage.delete(key));
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        return storage.list(prefix, after, limit);
    }

    @Override
    public List<String> list(Prefix prefix) {
        return storage.list(prefix);
    }

    @Override
    public Limits limits() {
        return storage.limits();
    }

    @Override
    public Set<Capability> capabilities() {
        EnumSet<Capability> rest = EnumSet.noneOf(Capability.class);
        rest.addAll(storage.capabilities());
        rest.remove(Capability.FENCING);
        rest.remove(Capability.LOCKS);
        rest.remove(Capability.WATCHES);
        return Set.copyOf(rest);
    }

    /** Nothing to close: the connections are those of the pair. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return guard.toString();
    }
}
