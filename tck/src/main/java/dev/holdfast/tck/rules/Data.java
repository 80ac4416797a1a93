package dev.holdfast.tck.rules;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;

/** Shorthand of the checks for keys and values. */
final class Data {
    private Data() {}

    static Key key(String path) {
        return Key.of(path);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static void put(Backend backend, String path, String value) {
        backend.put(Entry.of(key(path), bytes(value)));
    }

    /** The value as text; empty when the key is absent. */
    static Optional<String> get(Backend backend, String path) {
        return backend.get(key(path)).map(entry -> new String(entry.value(), StandardCharsets.UTF_8));
    }
}
