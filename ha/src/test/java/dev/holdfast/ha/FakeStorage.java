package dev.holdfast.ha;

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

/** Storage that holds nothing and declares what a test says. */
class FakeStorage implements Backend {
    private final Set<Capability> capabilities = EnumSet.noneOf(Capability.class);

    FakeStorage(Capability... declared) {
        capabilities.addAll(List.of(declared));
    }

    @Override
    public Optional<Entry> get(Key key) {
        return Optional.empty();
    }

    @Override
    public void put(Entry entry) {}

    @Override
    public void delete(Key key) {}

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        return List.of();
    }

    @Override
    public Limits limits() {
        return new Limits(100, 100, 1, 200);
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "fake";
    }
}
