package dev.holdfast.server.barrier;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Storage as the service sees it: names as they are, values encrypted. */
final class EncryptedStorage implements Backend {
    private final Backend storage;
    private final Barrier barrier;
    private final Limits limits;

    EncryptedStorage(Backend storage, Barrier barrier) {
        this.storage = storage;
        this.barrier = barrier;
        Limits raw = storage.limits();
        int longest = raw.maxValueBytes() - Barrier.OVERHEAD;
        limits = new Limits(raw.maxKeyBytes(), longest, 1, (long) raw.maxKeyBytes() + longest);
    }

    @Override
    public Optional<Entry> get(Key key) {
        return storage.get(key).map(entry -> Entry.of(key, barrier.open(storage, key, entry.value())));
    }

    @Override
    public void put(Entry entry) {
        if (entry.size() > limits.maxValueBytes()) {
            throw new BackendException.LimitExceeded(
                    Operation.at("barrier", storage.toString()).on("put", entry.key()),
                    "value in bytes",
                    limits.maxValueBytes(),
                    entry.size());
        }
        storage.put(Entry.of(entry.key(), barrier.seal(storage, entry.key(), entry.value())));
    }

    @Override
    public void delete(Key key) {
        storage.delete(key);
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
        return limits;
    }

    @Override
    public Set<Capability> capabilities() {
        EnumSet<Capability> rest = EnumSet.noneOf(Capability.class);
        rest.addAll(storage.capabilities());
        rest.retainAll(EnumSet.of(Capability.DURABLE, Capability.LINEARIZABLE_READS));
        return Set.copyOf(rest);
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return storage.toString();
    }
}
