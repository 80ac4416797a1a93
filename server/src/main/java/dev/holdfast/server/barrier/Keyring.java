package dev.holdfast.server.barrier;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
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

    /** Line feed, term, space, time with nanoseconds, space, key in Base64. */
    private static final int LONGEST_LINE = 1 + 11 + 1 + 40 + 1 + 44;

    private final TreeMap<Integer, Slot> slots;

    private record Slot(RawKey key, Instant installed) {}

    private Keyring(Map<Integer, Slot> slots) {
        this.slots = new TreeMap<>(slots);
    }

    static Keyring fresh() {
        return new Keyring(Map.of(1, slot()));
    }

    private static Slot slot() {
        byte[] random = Aead.random(Aead.KEY_BYTES);
        try {
            return new Slot(Aead.key(random), Instant.now());
        } finally {
            Secrets.wipe(random);
        }
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

    /** Overwrites all keys. */
    void destroy() {
        slots.values().forEach(slot -> slot.key.destroy());
    }

    /** The text form, which the caller overwrites. */
    byte[] write() {
        ByteBuffer text = ByteBuffer.allocate(FIRST_LINE.length() + slots.size() * LONGEST_LINE);
        text.put(ascii(FIRST_LINE));
        slots.forEach((term, slot) -> {
            text.put(ascii("\n" + term + " " + slot.installed + " "));
            byte[] key = slot.key.getEncoded();
            byte[] base64 = Base64.getEncoder().encode(key);
            text.put(base64);
            Secrets.wipe(key);
            Secrets.wipe(base64);
        });
        byte[] all = Arrays.copyOf(text.array(), text.position());
        Secrets.wipe(text.array());
        return all;
    }

    /** @throws IllegalArgumentException when it is not what {@link #write} wrote; the message shows nothing of it */
    static Keyring read(byte[] text) {
        Map<Integer, Slot> slots = new LinkedHashMap<>();
        int line = 1;
        for (int from = 0; from <= text.length; line++) {
            int to = indexOf('\n', text, from);
            if (line > 1) {
                readLine(text, from, to, line, slots);
            } else if (!text(text, from, to).equals(FIRST_LINE)) {
                throw new IllegalArgumentException("it is no keyring of this version");
            }
            from = to + 1;
        }
        if (slots.isEmpty()) {
            throw new IllegalArgumentException("it is no keyring of this version");
        }
        return new Keyring(slots);
    }

    private static void readLine(byte[] text, int from, int to, int line, Map<Integer, Slot> slots) {
        int first = indexOf(' ', text, from);
        int second = indexOf(' ', text, first + 1);
        if (second >= to) {
            throw new IllegalArgumentException("line " + line + " of the keyring is broken");
        }
        byte[] base64 = Arrays.copyOfRange(text, second + 1, to);
        byte[] key = {};
        try {
            key = Base64.getDecoder().decode(base64);
            Instant installed = Instant.parse(text(text, first + 1, second));
            slots.put(Integer.parseInt(text(text, from, first)), new Slot(Aead.key(key), installed));
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + line + " of the keyring is broken", null);
        } finally {
            Secrets.wipe(base64);
            Secrets.wipe(key);
        }
    }

    /** Where it is next; the text's length when it is not. */
    private static int indexOf(char wanted, byte[] text, int from) {
        int at = from;
        while (at < text.length && text[at] != wanted) {
            at++;
        }
        return at;
    }

    private static String text(byte[] text, int from, int to) {
        return new String(text, from, to - from, StandardCharsets.US_ASCII);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "keyring of terms " + slots.keySet();
    }
}
