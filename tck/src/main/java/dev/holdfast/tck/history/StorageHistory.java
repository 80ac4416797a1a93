package dev.holdfast.tck.history;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.TransactionalBackend;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Makes calls and records them. Safe for use by many threads. */
public final class StorageHistory {
    private final Map<Key, ConcurrentLinkedQueue<StorageOperation>> operations = new ConcurrentHashMap<>();

    /** The history of each key, in the order in which the calls ended. */
    public Map<Key, List<StorageOperation>> byKey() {
        Map<Key, List<StorageOperation>> copy = new TreeMap<>();
        operations.forEach((key, queue) -> copy.put(key, List.copyOf(queue)));
        return copy;
    }

    /** Puts and records it. */
    public void put(String client, Backend backend, Key key, String value) {
        write(
                client,
                StorageOperation.Kind.PUT,
                Set.of(key),
                value,
                () -> backend.put(Entry.of(key, value.getBytes(StandardCharsets.UTF_8))));
    }

    /** Deletes and records it. */
    public void delete(String client, Backend backend, Key key) {
        write(client, StorageOperation.Kind.DELETE, Set.of(key), null, () -> backend.delete(key));
    }

    /** Puts one value to several keys in one commit and records it with each. */
    public void commit(String client, TransactionalBackend backend, Set<Key> keys, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        write(
                client,
                StorageOperation.Kind.PUT,
                keys,
                value,
                () -> backend.commit(keys.stream()
                        .map(key -> (Mutation) new Mutation.Put(Entry.of(key, bytes)))
                        .toList()));
    }

    /** Gets and records it; a read that failed says nothing and is left out. */
    public void get(String client, Backend backend, Key key) {
        long start = System.nanoTime();
        String value;
        try {
            value = backend.get(key)
                    .map(entry -> new String(entry.value(), StandardCharsets.UTF_8))
                    .orElse(null);
        } catch (BackendException e) {
            return;
        }
        add(key, new StorageOperation(client, StorageOperation.Kind.GET, value, start, System.nanoTime()));
    }

    private void write(
            String client, StorageOperation.Kind kind, Set<Key> keys, @Nullable String value, Runnable call) {
        long start = System.nanoTime();
        long end;
        try {
            call.run();
            end = System.nanoTime();
        } catch (BackendException e) {
            if (!e.maybeApplied()) {
                return; // it says that it was not applied, so the others must make sense without it
            }
            end = StorageOperation.NEVER;
        }
        for (Key key : keys) {
            add(key, new StorageOperation(client, kind, value, start, end));
        }
    }

    private void add(Key key, StorageOperation operation) {
        operations.computeIfAbsent(key, unused -> new ConcurrentLinkedQueue<>()).add(operation);
    }
}
