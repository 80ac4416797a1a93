package dev.holdfast.tck.rules;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a backend must behave like: a sorted map, listed the slow and obvious way. */
final class Model {
    private final TreeMap<Key, byte[]> entries = new TreeMap<>();

    void put(Key key, byte[] value) {
        entries.put(key, value);
    }

    void delete(Key key) {
        entries.remove(key);
    }

    Optional<byte[]> get(Key key) {
        return Optional.ofNullable(entries.get(key));
    }

    Set<Key> keys() {
        return entries.keySet();
    }

    List<String> list(Prefix prefix) {
        Set<String> names = new TreeSet<>(Prefix.NAME_ORDER);
        for (Key key : entries.keySet()) {
            if (prefix.contains(key)) {
                String rest = key.path().substring(prefix.path().length());
                int slash = rest.indexOf('/');
                names.add(slash < 0 ? rest : rest.substring(0, slash + 1));
            }
        }
        return List.copyOf(names);
    }

    List<String> list(Prefix prefix, String after, int limit) {
        return list(prefix).stream()
                .filter(name -> Prefix.NAME_ORDER.compare(name, after) > 0)
                .limit(limit)
                .toList();
    }

    /** Every prefix that has something below it, and {@link Prefix#ROOT}. */
    Set<Prefix> prefixes() {
        Set<Prefix> prefixes = new java.util.HashSet<>(Set.of(Prefix.ROOT));
        for (Key key : entries.keySet()) {
            for (int slash = key.path().indexOf('/');
                    slash >= 0;
                    slash = key.path().indexOf('/', slash + 1)) {
                prefixes.add(Prefix.of(key.path().substring(0, slash + 1)));
            }
        }
        return prefixes;
    }
}
