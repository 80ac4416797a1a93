package dev.holdfast.server.barrier;

/** A key that is not shown, such as that of a key file. */
public final class KeyBytes {
    private final byte[] bytes;

    /** A copy of these bytes. */
    public KeyBytes(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /** A copy, which the caller may overwrite. */
    public byte[] copy() {
        return bytes.clone();
    }

    @Override
    public String toString() {
        return "***";
    }
}
