package dev.holdfast.zoo.peers;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.driver.Deadline;
import dev.holdfast.spi.driver.LockHandle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A lock that people use today, behind the SPI: only what it takes to ask for it, and nothing that mends it. Entries are
 * kept in memory, since the kit is to judge the locks; each call about them makes a request to the store all the same.
 */
abstract class Peer implements HABackend, LockHandle.Recipe {
    /** What a tryAcquire of zero is given: these recipes have no way to ask once. */
    static final Duration ONCE = Duration.ofMillis(500);

    final PeerOptions options;
    private final Backend entries;
    private final Set<PeerLease> leases = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Peer(PeerOptions options) {
        this.options = options;
        this.entries = Backends.load().open("inmem", Map.of("store", "peers", "path", options.path()));
    }

    /** One request to the store. */
    abstract void request() throws Exception;

    /** Waits until the lock is won or the time is over; empty then. */
    abstract Optional<PeerLease> win(Key key, String value, Duration patience) throws Exception;

    /** Who holds it, as far as the recipe lets others see. */
    abstract Optional<Holder> find(Key key) throws Exception;

    /** Ends the client. */
    abstract void disconnect();

    @Override
    public HALock lock(Key key, String value) {
        Operation operation = options.place().on("lock", key);
        if (closed) {
            throw new BackendException.Closed(operation, false);
        }
        return new LockHandle(this, options.place(), key, value);
    }

    @Override
    public Optional<? extends Lease> acquire(Key key, String value, Deadline deadline) throws InterruptedException {
        try {
            Duration patience = deadline.remaining(Duration.ofDays(1));
            Optional<PeerLease> won = win(key, value, patience.compareTo(ONCE) < 0 ? ONCE : patience);
            won.ifPresent(leases::add);
            return won;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw failed("acquire", key, e);
        }
    }

    @Override
    public Optional<Holder> holder(Key key) {
        try {
            return find(key);
        } catch (Exception e) {
            throw failed("holder", key, e);
        }
    }

    private BackendException failed(String action, Object subject, Exception e) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        Operation operation = options.place().on(action, subject);
        Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        return closed
                ? new BackendException.Closed(operation, false)
                : new BackendException.Unavailable(operation, cause.toString(), e);
    }

    private void touch(String action, Object subject) {
        try {
            request();
        } catch (Exception e) {
            throw failed(action, subject, e);
        }
    }

    @Override
    public Optional<Entry> get(Key key) {
        touch("get", key);
        return entries.get(key);
    }

    @Override
    public void put(Entry entry) {
        touch("put", entry.key());
        entries.put(entry);
    }

    @Override
    public void delete(Key key) {
        touch("delete", key);
        entries.delete(key);
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        touch("list", prefix);
        return entries.list(prefix, after, limit);
    }

    @Override
    public Limits limits() {
        return entries.limits();
    }

    @Override
    public boolean haEnabled() {
        return true;
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.LOCKS);
    }

    @Override
    public void close() {
        closed = true;
        leases.forEach(PeerLease::end);
        disconnect();
        entries.close();
    }

    @Override
    public String toString() {
        return options.place().toString();
    }

    final void forget(PeerLease lease) {
        leases.remove(lease);
    }

    /** The answer, within the request timeout. */
    final <T> T within(Future<T> answer) throws Exception {
        try {
            return answer.get(options.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw e;
        }
    }
}
