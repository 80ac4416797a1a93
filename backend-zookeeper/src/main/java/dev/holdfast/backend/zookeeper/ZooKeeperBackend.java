package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.Backend;
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
import dev.holdfast.spi.driver.Batches;
import dev.holdfast.spi.driver.Calls;
import dev.holdfast.spi.driver.Checks;
import dev.holdfast.spi.driver.FencedView;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockHandle;
import dev.holdfast.spi.driver.QueueRecipe;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/** Storage in ZooKeeper; its locks are {@link ZooKeeperLocks}. */
final class ZooKeeperBackend
        implements TransactionalBackend, FencingBackend, HABackend, FencedView.Writes<ZooKeeperFence> {
    /**
     * ZooKeeper accepts just below 1 MiB in one request. Beside a value of 768 KiB there is room to create all the
     * directories above the deepest key that 512 bytes can make, each of which repeats its part of the path.
     */
    static final Limits LIMITS = new Limits(512, 768 << 10, 128, (768 << 10) + (32 << 10));

    private final Operation place;
    private final ZooKeeperKeys keys;
    private final LeaseThreads threads = new LeaseThreads("zookeeper");
    private final ZooKeeperClient client;
    private final ZooKeeperReads reads;
    private final ZooKeeperWriter writer;
    private final Batches<ZooKeeperWriter.Single> singles;
    private final ZooKeeperRoots roots;
    private final Calls calls;
    private final QueueRecipe locks;
    private final boolean haEnabled;
    private final String name;

    ZooKeeperBackend(ZooKeeperOptions options) {
        place = Operation.at("zookeeper", options.store());
        name = place.toString();
        keys = new ZooKeeperKeys(options.path());
        client = new ZooKeeperClient(options, threads, "data", options.sessionTimeout(), (zk, state) -> {});
        reads = new ZooKeeperReads(client, options.path(), options.linearizable(), options.requestTimeout());
        roots = new ZooKeeperRoots(client, keys, options.acl());
        writer = new ZooKeeperWriter(client, reads, keys, roots);
        singles = new Batches<>(ZooKeeperWriter.UNDER_WAY, writer);
        calls = new Calls(options.requestTimeout(), new ZooKeeperErrors());
        locks = new QueueRecipe(place, calls, new ZooKeeperLocks(options, keys, client, reads, roots, threads));
        haEnabled = options.haEnabled();
    }

    @Override
    public Optional<Entry> get(Key key) {
        Operation operation = place.on("get", key);
        Checks.key(operation, LIMITS, key);
        String node = keys.value(key);
        Optional<ZooKeeperCall.Node> found = read(operation, zk -> ZooKeeperCall.read(zk, node, null));
        found.ifPresent(value -> writer.found(node));
        return found.map(value -> Entry.of(key, value.data()));
    }

    private <T> T read(Operation operation, Function<ZooKeeper, CompletableFuture<T>> request) {
        return calls.read(operation, () -> {
            long end = client.end();
            return roots.admitted(end, () -> client.repeated(end, zk -> reads.read(zk, () -> request.apply(zk))));
        });
    }

    @Override
    public void put(Entry entry) {
        put(entry, null);
    }

    @Override
    public void put(Entry entry, @Nullable ZooKeeperFence fence) {
        Operation operation = place.on("put", entry.key());
        Checks.entry(operation, LIMITS, entry);
        write(operation, new Mutation.Put(entry), fence);
    }

    @Override
    public void delete(Key key) {
        delete(key, null);
    }

    @Override
    public void delete(Key key, @Nullable ZooKeeperFence fence) {
        Operation operation = place.on("delete", key);
        Checks.key(operation, LIMITS, key);
        write(operation, new Mutation.Delete(key), fence);
    }

    private void write(Operation operation, Mutation mutation, @Nullable ZooKeeperFence fence) {
        long end = client.end();
        String node = keys.value(mutation.key());
        calls.write(operation, () -> singles.add(new ZooKeeperWriter.Single(operation, mutation, node, fence, end)));
    }

    @Override
    public void commit(List<Mutation> mutations) {
        commit(mutations, null);
    }

    @Override
    public void commit(List<Mutation> mutations, @Nullable ZooKeeperFence fence) {
        Operation operation = place.on("commit", mutations.size() + " mutations");
        List<Mutation> all = List.copyOf(mutations);
        Checks.commit(operation, LIMITS, all);
        if (all.isEmpty()) {
            calls.requireOpen(operation);
        } else {
            ZooKeeperChange change = new ZooKeeperChange(keys, roots.acl(), all);
            write(operation, end -> writer.apply(operation, change, fence, end));
        }
    }

    private <T> T write(Operation operation, LongFunction<CompletableFuture<T>> request) {
        return calls.write(operation, () -> {
            long end = client.end();
            return roots.admitted(end, () -> request.apply(end));
        });
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        Checks.page(after, limit);
        Operation operation = place.on("list", prefix);
        String node = keys.directory(prefix.path());
        List<String> nodes = read(operation, zk -> ZooKeeperCall.children(zk, node));
        List<String> names = new ArrayList<>(nodes.size());
        for (String child : nodes) {
            String known = ZooKeeperKeys.child(child)
                    .orElseThrow(() -> new BackendException.Corrupt(
                            operation, "the node '" + child + "' below " + node + " is none of this backend's", null));
            if (after.isEmpty() || Prefix.NAME_ORDER.compare(known, after) > 0) {
                names.add(known);
            }
        }
        sort(names);
        return names.size() > limit ? new ArrayList<>(names.subList(0, limit)) : names;
    }

    /** Java's own order is that of UTF-8 as long as no character is a surrogate or comes after those, and much faster. */
    private static void sort(List<String> names) {
        boolean simple = true;
        for (String name : names) {
            for (int i = 0; i < name.length() && simple; i++) {
                simple = name.charAt(i) < Character.MIN_SURROGATE;
            }
        }
        names.sort(simple ? null : Prefix.NAME_ORDER);
    }

    /** In one request, because ZooKeeper answers with the whole level anyway. */
    @Override
    public List<String> list(Prefix prefix) {
        return list(prefix, "", Integer.MAX_VALUE);
    }

    @Override
    public Backend fence(long token) {
        Operation operation = place.on("fence", String.valueOf(token));
        Checks.token(operation, token);
        ZooKeeperFence fence = write(
                operation, end -> ZooKeeperFence.raise(operation, client, reads, roots, keys.fence(), token, end));
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
        if (!reads.linearizable()) {
            all.remove(Capability.LINEARIZABLE_READS);
        }
        return all;
    }

    @Override
    public void close() {
        boolean first = !calls.isClosed();
        calls.close();
        if (first) {
            CompletableFuture<Void> closing = client.closing();
            locks.close();
            threads.close();
            Calls.settle(closing, client.timeout().dividedBy(5));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
