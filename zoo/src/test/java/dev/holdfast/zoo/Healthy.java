package dev.holdfast.zoo;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.TransactionalBackend;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The in-memory backend, passed on unchanged: what every mutant is, but for its one fault. No rule kills it. */
public class Healthy implements TransactionalBackend, FencingBackend, HABackend {
    private Map<String, String> options = Map.of();
    private Backend inner;

    /** Called once, before anything else. */
    protected void open(Map<String, String> given) {
        options = given;
        inner = client(Map.of());
    }

    /** One more client of the in-memory store, with these options changed. */
    final Backend client(Map<String, String> changed) {
        Map<String, String> all = new HashMap<>(options);
        all.putAll(changed);
        return Backends.load().open("inmem", all);
    }

    /** Makes another client the one that calls are passed on to. */
    final void use(Backend client) {
        inner = client;
    }

    protected final Backend inner() {
        return inner;
    }

    protected final String option(String name) {
        return options.get(name);
    }

    /** Names the namespace, for mutants that keep in a map what they would keep in the store. */
    final String place() {
        return options.get("store") + "/" + options.get("path");
    }

    /** As long as a request to a store on another machine takes at least: what happens between two of them. */
    protected static void roundTrip() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }

    @Override
    public Optional<Entry> get(Key key) {
        return inner.get(key);
    }

    @Override
    public void put(Entry entry) {
        inner.put(entry);
    }

    @Override
    public void delete(Key key) {
        inner.delete(key);
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        return inner.list(prefix, after, limit);
    }

    @Override
    public void commit(List<Mutation> mutations) {
        ((TransactionalBackend) inner).commit(mutations);
    }

    @Override
    public Backend fence(long token) {
        return ((FencingBackend) inner).fence(token);
    }

    @Override
    public HALock lock(Key key, String value) {
        HALock lock = ((HABackend) inner).lock(key, value);
        return new HALock() {
            @Override
            public Lease acquire() throws InterruptedException {
                return tryAcquire(Duration.ofDays(100_000)).orElseThrow();
            }

            @Override
            public Optional<Lease> tryAcquire(Duration timeout) throws InterruptedException {
                return Healthy.this.tryAcquire(lock, key, value, timeout).map(lease -> won(lease, lock, value));
            }

            @Override
            public Optional<Holder> holder() {
                return Healthy.this.holder(lock, key);
            }

            @Override
            public Watch watch(Duration poll, Runnable news) {
                return Healthy.this.watch(lock, poll, news);
            }
        };
    }

    /** Every attempt to win a lock. */
    Optional<Lease> tryAcquire(HALock lock, Key key, String value, Duration timeout) throws InterruptedException {
        return lock.tryAcquire(timeout);
    }

    /** What a winner is given. */
    Lease won(Lease lease, HALock lock, String value) {
        return lease;
    }

    /** What is said of a lock's holder. */
    Optional<Holder> holder(HALock lock, Key key) {
        return lock.holder();
    }

    /** What tells of a lock's changes. */
    HALock.Watch watch(HALock lock, Duration poll, Runnable news) {
        return lock.watch(poll, news);
    }

    @Override
    public boolean haEnabled() {
        return ((HABackend) inner).haEnabled();
    }

    @Override
    public Limits limits() {
        return inner.limits();
    }

    @Override
    public Set<Capability> capabilities() {
        return inner.capabilities();
    }

    @Override
    public void close() {
        inner.close();
    }

    @Override
    public String toString() {
        return "zoo (" + getClass().getSimpleName() + " over " + inner + ")";
    }
}
