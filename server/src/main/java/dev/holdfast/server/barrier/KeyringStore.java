package dev.holdfast.server.barrier;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the keyring is kept, encrypted with the root key, and beside it how often its newest key was used. */
final class KeyringStore {
    static final Key KEYRING = Key.of("core/keyring");

    /** The term of a key and how often it was used at most. */
    static final Key USES = Key.of("core/keyring-uses");

    private static final Logger log = LoggerFactory.getLogger(KeyringStore.class);

    private final RawKey root;

    KeyringStore(RawKey root) {
        this.root = root;
    }

    /** What storage says; of a key that was never counted, or whose count cannot be read, that it was used enough. */
    long uses(Backend storage, int term) {
        Optional<Entry> entry = storage.get(USES);
        if (entry.isEmpty()) {
            return Allowance.MOST;
        }
        byte[] sealed = entry.get().value();
        try {
            ByteBuffer uses = ByteBuffer.wrap(
                    Aead.open(root, Envelope.header(storage, USES, sealed, 1), Envelope.place(USES), sealed));
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
        storage.put(Entry.of(USES, Aead.seal(root, new byte[] {Envelope.FORMAT}, Envelope.place(USES), plain)));
    }

    void write(Keyring ring, Backend storage) {
        byte[] plain = {};
        byte[] sealed;
        try {
            plain = ring.write();
            sealed = Aead.seal(root, new byte[] {Envelope.FORMAT}, Envelope.place(KEYRING), plain);
        } catch (RawKey.Destroyed e) {
            throw Envelope.sealed(storage, "put", KEYRING, e);
        } finally {
            Secrets.wipe(plain);
        }
        storage.put(Entry.of(KEYRING, sealed));
    }

    /** @throws BackendException.Corrupt when it is missing or is not this root key's */
    Keyring read(Backend storage) {
        byte[] sealed = storage.get(KEYRING)
                .orElseThrow(() -> Envelope.corrupt(storage, KEYRING, "the keyring is missing"))
                .value();
        byte[] plain = {};
        try {
            plain = Aead.open(root, Envelope.header(storage, KEYRING, sealed, 1), Envelope.place(KEYRING), sealed);
            return Keyring.read(plain);
        } catch (RawKey.Destroyed e) {
            throw Envelope.sealed(storage, "get", KEYRING, e);
        } catch (Aead.Refused | IllegalArgumentException e) {
            throw Envelope.corrupt(storage, KEYRING, String.valueOf(e.getMessage()));
        } finally {
            Secrets.wipe(plain);
        }
    }
}
