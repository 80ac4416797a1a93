package dev.holdfast.backend.inmem;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.TransactionalBackend;
import dev.holdfast.spi.driver.Calls;
import dev.holdfast.spi.driver.Checks;
import dev.holdfast.spi.driver.FencedView;
import dev.holdfast.spi.driver.LockHandle;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Storage in a store of this JVM. Each call is one request over the link. */
final class InMemBackend implements TransactionalBackend, FencingBackend, HABackend, FencedView.Writes<Long> {
    /** Finite, so that a test can reach them, and far beyond what the other stores take. */
    private static final Limits LIMITS = new Limits(4 << 10, 16 << 20, 1_000, 32 << 20);

    private final InMemOptions options;
    private final Operation place;
    private final InMemStore store;
    private final InMemLink link;
    private final Calls calls;
    private final InMemLocks locks;

    InMemBackend(InMemOptions options) {
        this.options = options;
        place = options.place();
        store = InMemStores.named(options.store());
        link = options.link() == null ? new InMemLink() : InMemLinks.named(options.link());
        calls = new Calls(options.requestTimeout(), InMemErrors::map);
        locks = new InMemLocks(options, store, link, calls);
    }

    @Override
    public Optional<Entry> get(Key key) {
        Operation operation = place.on("get", key);
        Checks.key(operation, LIMITS, key);
        return calls.read(operation, () -> send(data -> data.get(key)));
    }

    @Override
    public void put(Entry entry) {
        put(entry, InMemNamespace.UNFENCED);
    }

    @Override
    public void delete(Key key) {
        delete(key, InMemNamespace.UNFENCED);
    }

    @Override
    public void commit(List<Mutation> mutations) {
        commit(mutations, InMemNamespace.UNFENCED);
    }

    @Override
    public void put(Entry entry, Long token) {
        Operation operation = place.on("put", entry.key());
        Checks.entry(operation, LIMITS, entry);
        write(operation, token, data -> data.put(entry, token));
    }

    @Override
    public void delete(Key key, Long token) {
        Operation operation = place.on("delete", key);
        Checks.key(operation, LIMITS, key);
        write(operation, token, data -> data.delete(key, token));
    }

    @Override
    public void commit(List<Mutation> mutations, Long token) {
        Operation operation = place.on("commit", mutations.size() + " mutations");
        List<Mutation> copy = List.copyOf(mutations);
        Checks.commit(operation, LIMITS, copy);
        if (copy.isEmpty()) {
            calls.requireOpen(operation);
        } else {
            write(operation, token, data -> data.commit(copy, token));
        }
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        Checks.page(after, limit);
        return calls.read(place.on("list", prefix), () -> send(data -> data.list(prefix, after, limit)));
    }

    @Override
    public FencedView<Long> fence(long token) {
        Operation operation = place.on("fence", token);
        Checks.token(operation, token);
        write(operation, token, data -> data.raise(token));
        return FencedView.of(this, token, token);
    }

    @Override
    public HALock lock(Key key, String value) {
        Operation operation = place.on("lock", key);
        calls.requireOpen(operation);
        if (!options.haEnabled()) {
            throw Checks.undeclared(operation, Capability.LOCKS, "ha_enabled is false");
        }
        Checks.key(operation, LIMITS, key);
        return new LockHandle(locks, place, key, value);
    }

    @Override
    public boolean haEnabled() {
        return options.haEnabled();
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    @Override
    public Set<Capability> capabilities() {
        EnumSet<Capability> all = EnumSet.allOf(Capability.class);
        if (!options.haEnabled()) {
            all.removeAll(Set.of(Capability.LOCKS, Capability.WATCHES));
        }
        return Set.copyOf(all);
    }

    @Override
    public void close() {
        calls.close();
        locks.close();
    }

    @Override
    public String toString() {
        return place.toString();
    }

    private void write(Operation operation, long token, Function<InMemNamespace, Boolean> change) {
        if (!calls.write(operation, () -> send(change))) {
            throw new BackendException.Fenced(operation, token);
        }
    }

    private <T> CompletableFuture<T> send(Function<InMemNamespace, T> request) {
        return link.send(store, server -> request.apply(server.namespace(options.namespace())));
    }
}
