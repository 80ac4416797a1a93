package dev.holdfast.server.cluster;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Storage of which some entries are asked for all at once, by who will need one after the other and may not wait for so
 * many round trips. Each such answer is given once, and none that is older than a write made here. Safe for use by any
 * number of threads.
 */
final class ReadAhead implements Backend {
    private final Backend storage;
    private final Map<Key, CompletableFuture<Optional<Entry>>> asked = new ConcurrentHashMap<>();

    private ReadAhead(Backend storage) {
        this.storage = storage;
    }

    /** Asks now. What fails is thrown to who reads it. */
    static ReadAhead of(Backend storage, List<Key> keys) {
        ReadAhead made = new ReadAhead(storage);
        keys.forEach(key -> made.asked.put(key, CompletableFuture.supplyAsync(() -> storage.get(key), task -> {
            Thread thread = new Thread(task, "holdfast-server-takeover");
            thread.setDaemon(true);
            thread.start();
        })));
        return made;
    }

    @Override
    public Optional<Entry> get(Key key) {
        CompletableFuture<Optional<Entry>> answer = asked.remove(key);
        if (answer == null) {
            return storage.get(key);
        }
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    @Override
    public void put(Entry entry) {
        asked.remove(entry.key());
        storage.put(entry);
    }

    @Override
    public void delete(Key key) {
        asked.remove(key);
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
        return storage.limits();
    }

    @Override
    public Set<Capability> capabilities() {
        return storage.capabilities();
    }

    /** Nothing to close: it is a view. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return storage.toString();
    }
}
