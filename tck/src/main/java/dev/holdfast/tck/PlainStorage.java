package dev.holdfast.tck;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Prefix;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A backend seen as one that has storage and nothing else: no transactions, no fence, no locks. For tests of what is
 * built on backends, of any kind; closing this closes the backend.
 */
public record PlainStorage(Backend whole) implements Backend {
    @Override
    public Optional<Entry> get(Key key) {
        return whole.get(key);
    }

    @Override
    public void put(Entry entry) {
        whole.put(entry);
    }

    @Override
    public void delete(Key key) {
        whole.delete(key);
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        return whole.list(prefix, after, limit);
    }

    @Override
    public Limits limits() {
        return whole.limits();
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> rest = EnumSet.noneOf(Capability.class);
        rest.addAll(whole.capabilities());
        rest.retainAll(EnumSet.of(Capability.LINEARIZABLE_READS, Capability.DURABLE));
        return rest;
    }

    @Override
    public void close() {
        whole.close();
    }

    @Override
    public String toString() {
        return "plain " + whole;
    }
}
