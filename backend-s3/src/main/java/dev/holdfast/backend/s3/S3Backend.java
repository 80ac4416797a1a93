package dev.holdfast.backend.s3;

import dev.holdfast.backend.s3.S3Client.Lane;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.driver.Calls;
import dev.holdfast.spi.driver.Checks;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockHandle;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Storage in a bucket; its locks are {@link S3Locks}. */
final class S3Backend implements HABackend {
    /** A key, with the path before it, is at most the 1,024 bytes of S3. A value is held in memory and sent whole. */
    static final Limits LIMITS = new Limits(800, 4 << 20, 1, (4 << 20) + 800);

    private final Operation place;
    private final S3Keys keys;
    private final S3Client client;
    private final S3Objects objects;
    private final Calls calls;
    private final LeaseThreads threads = new LeaseThreads("s3");
    private final S3Locks locks;
    private final String name;

    S3Backend(S3Options options) {
        place = Operation.at("s3", options.store());
        name = place.toString();
        keys = new S3Keys(options.path());
        client = new S3Client(options);
        objects = new S3Objects(client, options);
        calls = new Calls(options.requestTimeout(), new S3Errors(options.bucket()));
        locks = new S3Locks(options, place, keys, client, objects, calls, threads);
    }

    @Override
    public Optional<Entry> get(Key key) {
        Operation operation = place.on("get", key);
        Checks.key(operation, LIMITS, key);
        return calls.read(operation, () -> objects.get(Lane.DATA, keys.value(key), client.end()))
                .map(found -> Entry.of(key, found.asByteArrayUnsafe()));
    }

    @Override
    public void put(Entry entry) {
        Operation operation = place.on("put", entry.key());
        Checks.entry(operation, LIMITS, entry);
        calls.write(operation, () -> objects.put(Lane.DATA, keys.value(entry.key()), entry.value(), client.end()));
    }

    @Override
    public void delete(Key key) {
        Operation operation = place.on("delete", key);
        Checks.key(operation, LIMITS, key);
        calls.write(operation, () -> objects.delete(Lane.DATA, keys.value(key), client.end()));
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        Checks.page(after, limit);
        return calls.read(
                place.on("list", prefix), () -> objects.list(keys.values(prefix), after, limit, client.end()));
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    @Override
    public Set<Capability> capabilities() {
        EnumSet<Capability> declared = EnumSet.of(Capability.LINEARIZABLE_READS, Capability.DURABLE);
        if (haEnabled()) {
            declared.add(Capability.LOCKS);
        }
        return declared;
    }

    @Override
    public HALock lock(Key key, String value) {
        Operation operation = place.on("lock", key);
        calls.requireOpen(operation);
        locks.requireEnabled(operation);
        Checks.key(operation, LIMITS, key);
        return new LockHandle(locks, place, key, value);
    }

    @Override
    public boolean haEnabled() {
        return locks.enabled();
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
