package dev.holdfast.server.barrier;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of an unsealed node. Everything behind {@link #over} is AES-256-GCM with its path authenticated, so that what
 * was changed, or moved to another path, is {@link BackendException.Corrupt} and never served. Sealing a node is destroying
 * this object. Safe for use by any number of threads.
 *
 * <p>The key that is in use is replaced before it was used too often, by whoever writes then; how often is kept beside the
 * keyring, since what is written without an answer may arrive late, and a late keyring could be one without a newer key.
 */
public final class Barrier {
    /** What is read before the first value can be encrypted, for who reads it ahead. */
    public static final List<Key> ENTRIES = List.of(KeyringStore.KEYRING, KeyringStore.USES);

    private static final Logger log = LoggerFactory.getLogger(Barrier.class);
    private static final int HEADER_BYTES = 1 + Integer.BYTES;

    /** What encryption adds to a value. */
    static final int OVERHEAD = HEADER_BYTES + Aead.OVERHEAD;

    private final RawKey root;
    private final KeyringStore keyrings;
    private final ReentrantLock changing = new ReentrantLock();

    /** Those that were replaced, perhaps while somebody still works with their keys. */
    private final List<Keyring> replaced = new ArrayList<>();

    private volatile Allowance allowance;

    /** A keyring that was sent and perhaps not written. It may still arrive, so none but this one may follow it. */
    private @Nullable Keyring sent;

    private boolean destroyed;

    private Barrier(RawKey root, KeyringStore keyrings, Allowance allowance) {
        this.root = root;
        this.keyrings = keyrings;
        this.allowance = allowance;
    }

    /** A new one with its first key, which {@link #store} is to write. */
    static Barrier fresh(byte[] rootKey) {
        RawKey root = Aead.key(rootKey);
        return new Barrier(root, new KeyringStore(root), Allowance.unused(Keyring.fresh()));
    }

    /** A new one, in a store that has none. */
    public static Barrier create(byte[] rootKey, Backend storage) {
        Barrier made = fresh(rootKey);
        made.store(storage);
        return made;
    }

    /** @throws BackendException.Corrupt when the keyring is missing or is not this root key's */
    static Barrier open(byte[] rootKey, Backend storage) {
        RawKey root = Aead.key(rootKey);
        KeyringStore keyrings = new KeyringStore(root);
        try {
            return new Barrier(root, keyrings, Allowance.unknown(keyrings.read(storage)));
        } catch (RuntimeException e) {
            root.destroy();
            throw e;
        }
    }

    /** A view whose values are encrypted on the way in and checked on the way out; closing it does nothing. */
    public Backend over(Backend storage) {
        return new EncryptedStorage(storage, this);
    }

    /** The term of the key that is in use. */
    public int term() {
        return keyring().term();
    }

    /** When the key that is in use was made. */
    public Instant installed() {
        return keyring().installed();
    }

    /** How many values were encrypted with the key that is in use, at most. Of use on the active, which encrypts. */
    public long encryptions() {
        return allowance.used();
    }

    /** For tests. */
    RawKey root() {
        return root;
    }

    /** For tests. */
    KeyringStore keyrings() {
        return keyrings;
    }

    Keyring keyring() {
        return allowance.keys();
    }

    /** Takes over the keys that an earlier active may have added, and how often they were used. */
    public void reload(Backend storage) {
        changing.lock();
        try {
            replaceWith(keyrings.read(storage));
        } finally {
            changing.unlock();
        }
    }

    /** Takes over keys that another node added since; fails when they cannot be read. */
    public void follow(Backend storage) {
        Keyring read = keyrings.read(storage);
        changing.lock();
        try {
            if (read.term() > keyring().term()) {
                replaceWith(read);
            } else {
                read.destroy();
            }
        } finally {
            changing.unlock();
        }
    }

    private void replaceWith(Keyring read) {
        if (destroyed) { // while they were on their way
            read.destroy();
            return;
        }
        replaced.add(keyring());
        if (sent != null) {
            replaced.add(sent);
        }
        allowance = Allowance.unknown(read);
        sent = null;
    }

    /** Overwrites all keys. What is read or written through {@link #over} from now on is {@link BackendException.Unavailable}. */
    public void destroy() {
        changing.lock();
        try {
            destroyed = true;
            root.destroy();
            replaced.add(keyring());
            if (sent != null) {
                replaced.add(sent);
            }
            replaced.forEach(Keyring::destroy);
        } finally {
            changing.unlock();
        }
    }

    /**
     * Adds a key for what is written from now on; what was written before stays readable. For the active only; calls wait
     * for each other. After a failure the next call adds the same key, since the first may yet be written.
     */
    public void rotate(Backend storage) {
        changing.lock();
        try {
            replaceKey(storage);
        } finally {
            changing.unlock();
        }
    }

    private Allowance replaceKey(Backend storage) {
        Keyring next = sent;
        if (next == null) {
            next = keyring().rotated();
            sent = next;
        }
        keyrings.write(next, storage);
        Allowance none = Allowance.unused(next);
        allowance = none;
        sent = null;
        return none;
    }

    /** More uses than the ones that are spent, perhaps of a newer key. Nothing was encrypted yet when it fails. */
    private Allowance more(Allowance spent, Backend storage, Key key) {
        Operation operation = Operation.at("barrier", storage.toString()).on("put", key);
        try {
            changing.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackendException.Unavailable(operation, "interrupted before it was encrypted", e);
        }
        try {
            return allowance == spent ? more(spent, storage) : allowance;
        } catch (BackendException.OutcomeUnknown e) {
            throw new BackendException.Unavailable(
                    operation, "not encrypted, since it is not known whether the uses of its key were written down", e);
        } finally {
            changing.unlock();
        }
    }

    private Allowance more(Allowance spent, Backend storage) {
        Allowance from = spent;
        long used = from.isKnown() ? from.bound() : keyrings.uses(storage, term());
        if (used > Allowance.MOST - Allowance.STEP) {
            from = replaceKey(storage);
            used = 0;
            log.info(
                    "values are encrypted with key {} from now on, since the one before was used often enough", term());
        }
        long bound = used + Allowance.STEP;
        keyrings.writeUses(storage, term(), bound);
        Allowance next = Allowance.upTo(from.keys(), bound);
        allowance = next;
        return next;
    }

    void store(Backend storage) {
        keyrings.write(keyring(), storage);
        keyrings.writeUses(storage, term(), 0);
    }

    /** @param storage where it will be written, and where it is written down how often a key was used */
    byte[] seal(Backend storage, Key key, byte[] plain) {
        try {
            return sealWithNewest(storage, key, plain);
        } catch (RawKey.Destroyed e) {
            throw Envelope.sealed(storage, "put", key, e);
        }
    }

    private byte[] sealWithNewest(Backend storage, Key key, byte[] plain) {
        Allowance from = allowance;
        while (!from.take()) {
            from = more(from, storage, key);
        }
        Keyring ring = from.keys();
        byte[] header = ByteBuffer.allocate(HEADER_BYTES)
                .put(Envelope.FORMAT)
                .putInt(ring.term())
                .array();
        return Aead.seal(ring.newest(), header, Envelope.place(key), plain);
    }

    /** @param storage where it was read, and where newer keys are */
    byte[] open(Backend storage, Key key, byte[] sealed) {
        byte[] header = Envelope.header(storage, key, sealed, HEADER_BYTES);
        try {
            return Aead.open(
                    key(storage, key, ByteBuffer.wrap(header, 1, Integer.BYTES).getInt()),
                    header,
                    Envelope.place(key),
                    sealed);
        } catch (RawKey.Destroyed e) {
            throw Envelope.sealed(storage, "get", key, e);
        } catch (Aead.Refused e) {
            throw Envelope.corrupt(storage, key, String.valueOf(e.getMessage()));
        }
    }

    private SecretKey key(Backend storage, Key key, int term) {
        SecretKey known = keyring().key(term);
        if (known == null && term > term()) {
            try {
                follow(storage);
            } catch (BackendException.Corrupt e) {
                // Nothing is wrong with the value, as far as this node can tell without its key.
                throw new BackendException.Unavailable(
                        Operation.at("barrier", storage.toString()).on("get", key),
                        "it needs key " + term + ", which this node cannot get: " + e.getMessage(),
                        e);
            }
            known = keyring().key(term);
        }
        if (known == null) {
            throw Envelope.corrupt(storage, key, "it names key " + term + ", which the keyring does not have");
        }
        return known;
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "barrier with " + keyring();
    }
}
