package dev.holdfast.server.barrier;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Plain storage, without locks and fences, some of whose calls tests make fail. */
public class FlakyStorage implements Backend {
    protected final Backend storage;

    public FlakyStorage(Backend storage) {
        this.storage = storage;
    }

    @Override
    public Optional<Entry> get(Key key) {
        return storage.get(key);
    }

    @Override
    public void put(Entry entry) {
        storage.put(entry);
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
    public Limits limits() {
        return storage.limits();
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.DURABLE, Capability.LINEARIZABLE_READS);
    }

    @Override
    public void close() {
        storage.close();
    }

    @Override
    public String toString() {
        return "flaky " + storage;
    }
}
