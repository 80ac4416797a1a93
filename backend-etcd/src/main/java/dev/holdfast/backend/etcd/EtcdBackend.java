package dev.holdfast.backend.etcd;

import dev.holdfast.spi.Backend;
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
import dev.holdfast.spi.driver.Batches;
import dev.holdfast.spi.driver.Calls;
import dev.holdfast.spi.driver.Checks;
import dev.holdfast.spi.driver.FencedView;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockHandle;
import dev.holdfast.spi.driver.QueueRecipe;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnResponse;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Storage in etcd; its locks are {@link EtcdLocks}. */
final class EtcdBackend implements TransactionalBackend, FencingBackend, HABackend, FencedView.Writes<EtcdFence> {
    /**
     * Etcd accepts 1.5 MiB in one request. Beside a value of 1 MiB there is room for the markers of the deepest path
     * that 1 KiB can hold, each of which repeats its part of the path.
     */
    static final Limits LIMITS = new Limits(1 << 10, 1 << 20, EtcdChange.MOST_MUTATIONS, (1 << 20) + (64 << 10));

    private final Operation place;
    private final EtcdKeys keys;
    private final LeaseThreads threads = new LeaseThreads("etcd");
    private final EtcdClient client;
    private final EtcdWriter writer;
    private final Batches<EtcdWriter.Single> singles;
    private final Calls calls;
    private final QueueRecipe locks;
    private final boolean haEnabled;
    private final String name;

    EtcdBackend(EtcdOptions options) {
        place = Operation.at("etcd", options.store());
        name = place.toString();
        keys = new EtcdKeys(options.path());
        client = new EtcdClient(options, threads);
        writer = new EtcdWriter(client, keys);
        singles = new Batches<>(EtcdWriter.UNDER_WAY, writer);
        calls = new Calls(options.requestTimeout(), new EtcdErrors());
        locks = new QueueRecipe(place, calls, new EtcdLocks(client, keys, threads, options.lockTtl()));
        haEnabled = options.haEnabled();
    }

    @Override
    public Optional<Entry> get(Key key) {
        Operation operation = place.on("get", key);
        Checks.key(operation, LIMITS, key);
        RangeRequest request = RangeRequest.newBuilder().setKey(keys.value(key)).build();
        RangeResponse found =
                calls.read(operation, () -> client.repeated(KVGrpc.getRangeMethod(), request, client.timeout()));
        return found.getKvsList().stream()
                .findFirst()
                .map(value -> Entry.of(key, value.getValue().toByteArray()));
    }

    @Override
    public void put(Entry entry) {
        put(entry, null);
    }

    @Override
    public void put(Entry entry, @Nullable EtcdFence fence) {
        Operation operation = place.on("put", entry.key());
        Checks.entry(operation, LIMITS, entry);
        write(operation, new Mutation.Put(entry), fence);
    }

    @Override
    public void delete(Key key) {
        delete(key, null);
    }

    @Override
    public void delete(Key key, @Nullable EtcdFence fence) {
        Operation operation = place.on("delete", key);
        Checks.key(operation, LIMITS, key);
        write(operation, new Mutation.Delete(key), fence);
    }

    private void write(Operation operation, Mutation mutation, @Nullable EtcdFence fence) {
        long end = System.nanoTime() + client.timeout().toNanos();
        calls.write(operation, () -> singles.add(new EtcdWriter.Single(operation, mutation, fence, end)));
    }

    @Override
    public void commit(List<Mutation> mutations) {
        commit(mutations, null);
    }

    @Override
    public void commit(List<Mutation> mutations, @Nullable EtcdFence fence) {
        Operation operation = place.on("commit", mutations.size() + " mutations");
        List<Mutation> all = List.copyOf(mutations);
        Checks.commit(operation, LIMITS, all);
        if (all.isEmpty()) {
            calls.requireOpen(operation);
        } else {
            calls.write(operation, () -> writer.apply(operation, all, fence, client.timeout()));
        }
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        Checks.page(after, limit);
        Operation operation = place.on("list", prefix);
        EtcdListing listing = new EtcdListing(client, operation, keys, prefix.path());
        return listing.read(calls, keys.children(prefix.path(), after).start(), limit);
    }

    @Override
    public List<String> list(Prefix prefix) {
        return list(prefix, "", Integer.MAX_VALUE);
    }

    @Override
    public Backend fence(long token) {
        Operation operation = place.on("fence", String.valueOf(token));
        Checks.token(operation, token);
        EtcdFence fence = new EtcdFence(keys, token);
        TxnResponse answer =
                calls.write(operation, () -> client.once(KVGrpc.getTxnMethod(), fence.raise(), client.timeout()));
        fence.requireRaised(operation, answer);
        return FencedView.of(this, fence, token);
    }

    @Override
    public HALock lock(Key key, String value) {
        Operation operation = place.on("lock", key);
        calls.requireOpen(operation);
        if (!haEnabled) {
            throw Checks.undeclared(operation, Capability.LOCKS, "ha_enabled is false");
        }
        Checks.key(operation, LIMITS, key);
        return new LockHandle(locks, place, key, value);
    }

    @Override
    public boolean haEnabled() {
        return haEnabled;
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> all = EnumSet.allOf(Capability.class);
        if (!haEnabled) {
            all.removeAll(Set.of(Capability.LOCKS, Capability.WATCHES));
        }
        return all;
    }

    @Override
    public void close() {
        boolean first = !calls.isClosed();
        calls.close();
        if (first) {
            locks.close();
            threads.close();
            client.close();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
