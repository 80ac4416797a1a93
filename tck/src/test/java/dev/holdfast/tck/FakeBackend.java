package dev.holdfast.tck;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.spi.driver.Checks;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The least that can be a backend: storage in this JVM and no capability but linearizable reads; {@code fault} makes it
 * wrong in one way.
 */
class FakeBackend implements Backend {
    private static final Map<String, ConcurrentSkipListMap<Key, Entry>> STORES = new ConcurrentHashMap<>();
    private static final Option<String> PATH =
            Option.string("path", "Where").defaultsTo("").asNamespace();
    private static final Option<String> FAULT =
            Option.string("fault", "What it does wrong").defaultsTo("");
    private static final Operation PLACE = Operation.at("fake", "this JVM");

    /** Its provider. */
    public static final class Provider implements BackendProvider {
        @Override
        public String type() {
            return "fake";
        }

        @Override
        public OptionSchema options() {
            return OptionSchema.of(PATH, FAULT);
        }

        @Override
        public Backend open(Config config) {
            String fault = config.get(FAULT);
            if (fault.equals("unreachable")) {
                throw new BackendException.Unavailable(PLACE.on("open", ""), "connection refused", null);
            }
            return fault.equals("fences") ? new Fencing(config) : new FakeBackend(config);
        }
    }

    /** Says that it cannot fence and does not refuse to. */
    private static final class Fencing extends FakeBackend implements FencingBackend {
        Fencing(Config config) {
            super(config);
        }

        @Override
        public Backend fence(long token) {
            return this;
        }
    }

    private final ConcurrentSkipListMap<Key, Entry> entries;
    private final String fault;
    private volatile boolean closed;

    FakeBackend(Config config) {
        entries = STORES.computeIfAbsent(config.get(PATH), path -> new ConcurrentSkipListMap<>());
        fault = config.get(FAULT);
    }

    private void check(String action, Object subject) {
        if (closed) {
            throw new BackendException.Closed(PLACE.on(action, subject), false);
        }
    }

    @Override
    public Optional<Entry> get(Key key) {
        check("get", key);
        Checks.key(PLACE.on("get", key), limits(), key);
        if (fault.equals("hangs")) {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return Optional.ofNullable(entries.get(key))
                .filter(entry -> !fault.equals("empty value reads as absent") || entry.size() > 0);
    }

    @Override
    public void put(Entry entry) {
        check("put", entry.key());
        Checks.entry(PLACE.on("put", entry.key()), limits(), entry);
        entries.put(entry.key(), entry);
    }

    @Override
    public void delete(Key key) {
        check("delete", key);
        Checks.key(PLACE.on("delete", key), limits(), key);
        entries.remove(key);
    }

    @Override
    public List<String> list(Prefix prefix, String after, int limit) {
        check("list", prefix);
        Checks.page(after, limit);
        TreeSet<String> names = new TreeSet<>(Prefix.NAME_ORDER);
        for (Key key : entries.keySet()) {
            if (prefix.contains(key)) {
                String rest = key.path().substring(prefix.path().length());
                names.add(rest.contains("/") ? rest.substring(0, rest.indexOf('/') + 1) : rest);
            }
        }
        return names.tailSet(after, false).stream().limit(limit).toList();
    }

    @Override
    public Limits limits() {
        return new Limits(1_000, 200_000, 1, 201_000);
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.LINEARIZABLE_READS);
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public String toString() {
        return "fake";
    }
}
