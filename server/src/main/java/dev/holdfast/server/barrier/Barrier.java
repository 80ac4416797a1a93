package dev.holdfast.server.barrier;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * The keys of an unsealed node. Everything behind {@link #over} is AES-256-GCM with its path authenticated, so that what
 * was changed, or moved to another path, is {@link BackendException.Corrupt} and never served. Sealing a node is dropping
 * this object. Safe for use by any number of threads.
 */
public final class Barrier {
    static final Key KEYRING = Key.of("core/keyring");
    private static final byte FORMAT = 1;
    private static final int HEADER_BYTES = 1 + Integer.BYTES;

    /** What encryption adds to a value. */
    static final int OVERHEAD = HEADER_BYTES + Aead.OVERHEAD;

    private final SecretKey root;
    private volatile Keyring keyring;

    /** A keyring that was sent and perhaps not written. It may still arrive, so none but this one may follow it. */
    private volatile @Nullable Keyring sent;

    private Barrier(SecretKey root, Keyring keyring) {
        this.root = root;
        this.keyring = keyring;
    }

    /** A new one with its first key, which {@link #store} is to write. */
    static Barrier fresh(byte[] rootKey) {
        return new Barrier(Aead.key(rootKey), Keyring.fresh());
    }

    /** @throws BackendException.Corrupt when the keyring is missing or is not this root key's */
    static Barrier open(byte[] rootKey, Backend storage) {
        SecretKey root = Aead.key(rootKey);
        return new Barrier(root, read(root, storage));
    }

    /** A view whose values are encrypted on the way in and checked on the way out; closing it does nothing. */
    public Backend over(Backend storage) {
        return new EncryptedStorage(storage, this);
    }

    /** The term of the key that is in use. */
    public int term() {
        return keyring.term();
    }

    /** When the key that is in use was made. */
    public Instant installed() {
        return keyring.installed();
    }

    /** Takes over the keys that an earlier active may have added. */
    public void reload(Backend storage) {
        keyring = read(root, storage);
        sent = null;
    }

    /**
     * Adds a key for what is written from now on; what was written before stays readable. For the active only, one call at
     * a time. After a failure the next call adds the same key, since the first may yet be written.
     */
    public void rotate(Backend storage) {
        Keyring next = sent;
        if (next == null) {
            next = keyring.rotated();
            sent = next;
        }
        write(next, storage);
        keyring = next;
        sent = null;
    }

    void store(Backend storage) {
        write(keyring, storage);
    }

    private void write(Keyring ring, Backend storage) {
        byte[] plain = ring.write().getBytes(StandardCharsets.UTF_8);
        storage.put(Entry.of(KEYRING, Aead.seal(root, new byte[] {FORMAT}, place(KEYRING), plain)));
    }

    private static Keyring read(SecretKey root, Backend storage) {
        byte[] sealed = storage.get(KEYRING)
                .orElseThrow(() -> corrupt(storage, KEYRING, "the keyring is missing"))
                .value();
        try {
            byte[] plain = Aead.open(root, header(storage, KEYRING, sealed, 1), place(KEYRING), sealed);
            return Keyring.read(new String(plain, StandardCharsets.UTF_8));
        } catch (Aead.Refused | IllegalArgumentException e) {
            throw corrupt(storage, KEYRING, String.valueOf(e.getMessage()));
        }
    }

    byte[] seal(Key key, byte[] plain) {
        Keyring ring = keyring;
        byte[] header = ByteBuffer.allocate(HEADER_BYTES)
                .put(FORMAT)
                .putInt(ring.term())
                .array();
        return Aead.seal(ring.newest(), header, place(key), plain);
    }

    /** @param storage where it was read, and where newer keys are */
    byte[] open(Backend storage, Key key, byte[] sealed) {
        byte[] header = header(storage, key, sealed, HEADER_BYTES);
        try {
            return Aead.open(
                    key(storage, key, ByteBuffer.wrap(header, 1, Integer.BYTES).getInt()), header, place(key), sealed);
        } catch (Aead.Refused e) {
            throw corrupt(storage, key, String.valueOf(e.getMessage()));
        }
    }

    private SecretKey key(Backend storage, Key key, int term) {
        SecretKey known = keyring.key(term);
        if (known == null && term > keyring.term()) {
            reload(storage);
            known = keyring.key(term);
        }
        if (known == null) {
            throw corrupt(storage, key, "it names key " + term + ", which the keyring does not have");
        }
        return known;
    }

    private static byte[] header(Backend storage, Key key, byte[] sealed, int length) {
        if (sealed.length < length || sealed[0] != FORMAT) {
            throw corrupt(storage, key, "it is not in the barrier's format");
        }
        return Arrays.copyOf(sealed, length);
    }

    private static byte[] place(Key key) {
        return key.path().getBytes(StandardCharsets.UTF_8);
    }

    private static BackendException.Corrupt corrupt(Backend storage, Key key, String detail) {
        return new BackendException.Corrupt(
                Operation.at("barrier", storage.toString()).on("get", key), detail, null);
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "barrier with " + keyring;
    }
}
