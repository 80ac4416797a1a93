package dev.holdfast.server.barrier;

import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The keys that storage is encrypted with, by term: the newest for what is written, all for what is read. Immutable.
 *
 * <p>The text form is one line per key; it is only ever stored sealed with the root key.
 */
final class Keyring {
    private static final String FIRST_LINE = "holdfast keyring 1";

    private final TreeMap<Integer, Slot> slots;

    private record Slot(SecretKey key, Instant installed) {}

    private Keyring(Map<Integer, Slot> slots) {
        this.slots = new TreeMap<>(slots);
    }

    static Keyring fresh() {
        return new Keyring(Map.of(1, slot()));
    }

    private static Slot slot() {
        return new Slot(Aead.key(Aead.random(Aead.KEY_BYTES)), Instant.now());
    }

    /** With a new key for what is written from now on. */
    Keyring rotated() {
        Map<Integer, Slot> next = new LinkedHashMap<>(slots);
        next.put(Math.addExact(term(), 1), slot());
        return new Keyring(next);
    }

    /** The newest term. */
    int term() {
        return slots.lastKey();
    }

    /** When the newest key was made. */
    Instant installed() {
        return slots.lastEntry().getValue().installed;
    }

    @Nullable
    SecretKey key(int term) {
        Slot slot = slots.get(term);
        return slot == null ? null : slot.key;
    }

    SecretKey newest() {
        return slots.lastEntry().getValue().key;
    }

    String write() {
        StringBuilder text = new StringBuilder(FIRST_LINE);
        slots.forEach((term, slot) -> text.append('\n')
                .append(term)
                .append(' ')
                .append(slot.installed)
                .append(' ')
                .append(Base64.getEncoder().encodeToString(slot.key.getEncoded())));
        return text.toString();
    }

    /** @throws IllegalArgumentException when it is not what {@link #write} wrote; the message shows nothing of it */
    static Keyring read(String text) {
        String[] lines = text.split("\n", -1);
        if (lines.length < 2 || !lines[0].equals(FIRST_LINE)) {
            throw new IllegalArgumentException("it is no keyring of this version");
        }
        Map<Integer, Slot> slots = new LinkedHashMap<>();
        for (int i = 1; i < lines.length; i++) {
            String[] parts = lines[i].split(" ", -1);
            if (parts.length != 3) {
                throw new IllegalArgumentException("line " + (i + 1) + " of the keyring is broken");
            }
            SecretKey key = Aead.key(Base64.getDecoder().decode(parts[2]));
            slots.put(Integer.parseInt(parts[0]), new Slot(key, Instant.parse(parts[1])));
        }
        return new Keyring(slots);
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "keyring of terms " + slots.keySet();
    }
}
