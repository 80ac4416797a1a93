package dev.holdfast.server.barrier;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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
    static final Key KEYRING = Key.of("core/keyring");

    /** The term of a key and how often it was used at most. */
    static final Key USES = Key.of("core/keyring-uses");

    /** What is read before the first value can be encrypted, for who reads it ahead. */
    public static final List<Key> ENTRIES = List.of(KEYRING, USES);

    private static final Logger log = LoggerFactory.getLogger(Barrier.class);
    private static final byte FORMAT = 1;
    private static final int HEADER_BYTES = 1 + Integer.BYTES;

    /** What encryption adds to a value. */
    static final int OVERHEAD = HEADER_BYTES + Aead.OVERHEAD;

    private final RawKey root;
    private final ReentrantLock changing = new ReentrantLock();

    /** Those that were replaced, perhaps while somebody still works with their keys. */
    private final List<Keyring> replaced = new ArrayList<>();

    private volatile Allowance allowance;

    /** A keyring that was sent and perhaps not written. It may still arrive, so none but this one may follow it. */
    private @Nullable Keyring sent;

    private boolean destroyed;

    private Barrier(RawKey root, Allowance allowance) {
        this.root = root;
        this.allowance = allowance;
    }

    /** A new one with its first key, which {@link #store} is to write. */
    static Barrier fresh(byte[] rootKey) {
        return new Barrier(Aead.key(rootKey), Allowance.unused(Keyring.fresh()));
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
        try {
            return new Barrier(root, Allowance.unknown(read(root, storage)));
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

    Keyring keyring() {
        return allowance.keys();
    }

    /** Takes over the keys that an earlier active may have added, and how often they were used. */
    public void reload(Backend storage) {
        changing.lock();
        try {
            replaceWith(read(root, storage));
        } finally {
            changing.unlock();
        }
    }

    /** Takes over keys that another node added since; fails when they cannot be read. */
    public void follow(Backend storage) {
        Keyring read = read(root, storage);
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

    private static BackendException.Unavailable sealed(Backend storage, String call, Key key, RawKey.Destroyed why) {
        return new BackendException.Unavailable(
                Operation.at("barrier", storage.toString()).on(call, key), "this node was sealed", why);
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
        write(next, storage);
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
        long used = from.isKnown() ? from.bound() : uses(storage, term());
        if (used > Allowance.MOST - Allowance.STEP) {
            from = replaceKey(storage);
            used = 0;
            log.info(
                    "values are encrypted with key {} from now on, since the one before was used often enough", term());
        }
        long bound = used + Allowance.STEP;
        writeUses(storage, term(), bound);
        Allowance next = Allowance.upTo(from.keys(), bound);
        allowance = next;
        return next;
    }

    /** What storage says; of a key that was never counted, or whose count cannot be read, that it was used enough. */
    private long uses(Backend storage, int term) {
        Optional<Entry> entry = storage.get(USES);
        if (entry.isEmpty()) {
            return Allowance.MOST;
        }
        byte[] sealed = entry.get().value();
        try {
            ByteBuffer uses = ByteBuffer.wrap(Aead.open(root, header(storage, USES, sealed, 1), place(USES), sealed));
            int counted = uses.getInt();
            return counted == term ? uses.getLong() : counted < term ? 0 : Allowance.MOST;
        } catch (Aead.Refused | BackendException.Corrupt | BufferUnderflowException e) {
            log.warn("how often key {} was used cannot be read: {}", term, e.getMessage());
            return Allowance.MOST;
        }
    }

    /** For a term whose key was used so often at most. */
    void writeUses(Backend storage, int term, long uses) {
        byte[] plain = ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                .putInt(term)
                .putLong(uses)
                .array();
        storage.put(Entry.of(USES, Aead.seal(root, new byte[] {FORMAT}, place(USES), plain)));
    }

    void store(Backend storage) {
        write(keyring(), storage);
        writeUses(storage, term(), 0);
    }

    private void write(Keyring ring, Backend storage) {
        byte[] plain = {};
        byte[] sealed;
        try {
            plain = ring.write();
            sealed = Aead.seal(root, new byte[] {FORMAT}, place(KEYRING), plain);
        } catch (RawKey.Destroyed e) {
            throw sealed(storage, "put", KEYRING, e);
        } finally {
            Secrets.wipe(plain);
        }
        storage.put(Entry.of(KEYRING, sealed));
    }

    private static Keyring read(SecretKey root, Backend storage) {
        byte[] sealed = storage.get(KEYRING)
                .orElseThrow(() -> corrupt(storage, KEYRING, "the keyring is missing"))
                .value();
        byte[] plain = {};
        try {
            plain = Aead.open(root, header(storage, KEYRING, sealed, 1), place(KEYRING), sealed);
            return Keyring.read(plain);
        } catch (RawKey.Destroyed e) {
            throw sealed(storage, "get", KEYRING, e);
        } catch (Aead.Refused | IllegalArgumentException e) {
            throw corrupt(storage, KEYRING, String.valueOf(e.getMessage()));
        } finally {
            Secrets.wipe(plain);
        }
    }

    /** @param storage where it will be written, and where it is written down how often a key was used */
    byte[] seal(Backend storage, Key key, byte[] plain) {
        try {
            return sealWithNewest(storage, key, plain);
        } catch (RawKey.Destroyed e) {
            throw sealed(storage, "put", key, e);
        }
    }

    private byte[] sealWithNewest(Backend storage, Key key, byte[] plain) {
        Allowance from = allowance;
        while (!from.take()) {
            from = more(from, storage, key);
        }
        Keyring ring = from.keys();
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
        } catch (RawKey.Destroyed e) {
            throw sealed(storage, "get", key, e);
        } catch (Aead.Refused e) {
            throw corrupt(storage, key, String.valueOf(e.getMessage()));
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
        return "barrier with " + keyring();
    }
}
