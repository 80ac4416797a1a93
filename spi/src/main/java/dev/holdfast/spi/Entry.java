package dev.holdfast.spi;

import java.util.Arrays;

/**
 * A key and the bytes stored under it.
 *
 * <p>The bytes are never shared: they are copied on the way in and on the way out, so neither side can change what the
 * other sees (rule KV-03). An empty value is a value. {@link #toString()} shows the length and never the bytes, which
 * may be a secret.
 */
public final class Entry {
    private final Key key;
    private final byte[] value;

    private Entry(Key key, byte[] value) {
        this.key = key;
        this.value = value;
    }

    /** An entry with a copy of {@code value}. */
    public static Entry of(Key key, byte[] value) {
        return new Entry(key, value.clone());
    }

    /** The key. */
    public Key key() {
        return key;
    }

    /** A copy of the value. */
    public byte[] value() {
        return value.clone();
    }

    /** The length of the value in bytes, without copying it. */
    public int size() {
        return value.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Entry that && key.equals(that.key) && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * key.hashCode() + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return key + " (" + value.length + " bytes)";
    }
}
