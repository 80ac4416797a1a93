package dev.holdfast.server.barrier;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import javax.crypto.SecretKey;

/** A key for AES that can be overwritten, which those of the JDK cannot. */
final class RawKey implements SecretKey, AutoCloseable {
    private static final long serialVersionUID = 1L;

    private final transient byte[] bytes;
    private volatile boolean destroyed;

    /** A copy of these bytes. */
    RawKey(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    @Override
    public String getAlgorithm() {
        return "AES";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    /** It was overwritten, and so is of no use. */
    static final class Destroyed extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        Destroyed() {
            super("this key was overwritten");
        }
    }

    /** A copy, which the caller may overwrite; never one of a half overwritten key. */
    @Override
    public synchronized byte[] getEncoded() {
        if (destroyed) {
            throw new Destroyed();
        }
        return bytes.clone();
    }

    /** Overwrites it; it is of no use then. */
    @Override
    public synchronized void destroy() {
        destroyed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        return destroyed;
    }

    /** As {@link #destroy}. */
    @Override
    public void close() {
        destroy();
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException("a key is not to be written");
    }

    @Override
    public String toString() {
        return "***";
    }
}
