package dev.holdfast.server.barrier;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a node's keys from it until enough people agree: the unseal key is split into shares, and opens the root key,
 * which opens the keyring. Collects shares in memory only. Safe for use by any number of threads.
 */
public final class Seal {
    private static final byte[] PLACE = SealConfig.KEY.path().getBytes(StandardCharsets.UTF_8);
    private static final byte[] NO_HEADER = {};

    private final Backend storage;
    private final ReentrantLock lock = new ReentrantLock();
    /** Overwritten when it is not needed any more; whoever takes them out does that. */
    final List<byte[]> collected = new ArrayList<>();

    private String nonce = "";
    private volatile @Nullable SealConfig known;

    /** @param storage as it is, not encrypted */
    public Seal(Backend storage) {
        this.storage = storage;
    }

    /** The shares do not open the root key. What was collected is forgotten. */
    public static final class WrongKeyException extends Exception {
        private static final long serialVersionUID = 1L;

        WrongKeyException(String message) {
            super(message);
        }
    }

    /** Nobody can say whether the cluster is initialised now. If it is, its shares are lost; the message says what to do. */
    public static final class InDoubtException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        /** @param last what kept it from being known */
        public InDoubtException(Exception last) {
            super(
                    "storage does not say whether this cluster is initialised now; if it is, then with keys and a root token"
                            + " that nobody has: stop all nodes, remove everything below the path of storage, and begin"
                            + " again",
                    last);
        }
    }

    /** How far unsealing has come; {@code nonce} is empty while nothing was collected. */
    public record Progress(int collected, String nonce) {}

    /** How the cluster is unsealed; empty when it is not initialised. Asks storage until it is. */
    public Optional<SealConfig> config() {
        SealConfig config = known;
        if (config == null) {
            Optional<SealConfig> read = SealConfig.read(storage);
            read.ifPresent(found -> known = found);
            return read;
        }
        return Optional.of(config);
    }

    /** How far unsealing has come. */
    public Progress progress() {
        lock.lock();
        try {
            return new Progress(collected.size(), nonce);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets the shares that were collected. */
    public void reset() {
        lock.lock();
        try {
            Secrets.wipe(collected);
            collected.clear();
            nonce = "";
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes one share; the same one twice counts once.
     *
     * @return the keys when there were enough
     * @throws WrongKeyException when there were enough, and one was wrong
     * @throws IllegalArgumentException when it cannot be a share
     * @throws BackendException when storage could not be used; the shares are to be given again
     */
    public Optional<Barrier> offer(SealConfig config, byte[] share) throws WrongKeyException {
        if (share.length != Aead.KEY_BYTES + 1 && !(config.shares() == 1 && share.length == Aead.KEY_BYTES)) {
            throw new IllegalArgumentException(
                    "a share of the unseal key is " + (Aead.KEY_BYTES + 1) + " bytes long, not " + share.length);
        }
        List<byte[]> enough = collect(config, share);
        return enough.isEmpty() ? Optional.empty() : Optional.of(unsealWith(config, enough));
    }

    private List<byte[]> collect(SealConfig config, byte[] share) {
        lock.lock();
        try {
            if (collected.isEmpty()) {
                nonce = UUID.randomUUID().toString();
            }
            if (collected.stream().noneMatch(known -> MessageDigest.isEqual(known, share))) {
                collected.add(share.clone());
            }
            if (collected.size() < config.threshold()) {
                return List.of();
            }
            List<byte[]> enough = List.copyOf(collected);
            collected.clear();
            nonce = "";
            return enough;
        } finally {
            lock.unlock();
        }
    }

    /** Unseals with enough shares, which are overwritten, also when it fails. */
    Barrier unsealWith(SealConfig config, List<byte[]> shares) throws WrongKeyException {
        byte[] key;
        try {
            key = shares.size() == 1 ? Arrays.copyOf(shares.get(0), Aead.KEY_BYTES) : Shamir.combine(shares);
        } catch (IllegalArgumentException e) {
            throw new WrongKeyException("the shares do not belong together; start again with the right ones");
        } finally {
            Secrets.wipe(shares);
        }
        return unsealWith(config, key);
    }

    /** Unseals with the key of a key file, which is overwritten, also when it fails. */
    public Barrier unsealWith(SealConfig config, byte[] key) throws WrongKeyException {
        try {
            if (key.length != Aead.KEY_BYTES) {
                throw new WrongKeyException("the key must be " + Aead.KEY_BYTES + " bytes long, not " + key.length);
            }
            byte[] root = rootKey(config, key);
            try {
                return Barrier.open(root, storage);
            } finally {
                Secrets.wipe(root);
            }
        } finally {
            Secrets.wipe(key);
        }
    }

    private static byte[] rootKey(SealConfig config, byte[] key) throws WrongKeyException {
        try (RawKey unsealKey = Aead.key(key)) {
            return Aead.open(unsealKey, NO_HEADER, PLACE, Base64.getDecoder().decode(config.rootKey()));
        } catch (Aead.Refused | IllegalArgumentException e) {
            throw new WrongKeyException("the shares do not open the root key; start again with the right ones");
        }
    }

    /**
     * Makes the keys of a new cluster. The entry that says that it is initialised is the last one written, so that an
     * attempt that was cut short can be made again. Only when it remains unknown whether that one was written, it cannot.
     *
     * @param writable storage, for the only node that may write now
     * @param first writes what else a new cluster needs
     * @param fileKey the key of a key file; empty for shares
     * @return the shares; none for a key file
     * @throws IllegalArgumentException when the numbers do not go together
     * @throws InDoubtException when the cluster may be initialised now, with shares that nobody has
     * @throws BackendException when storage could not be used, and it certainly is not
     */
    public List<byte[]> initialize(
            Backend writable, int shares, int threshold, Optional<KeyBytes> fileKey, Consumer<Backend> first) {
        boolean shared = fileKey.isEmpty();
        byte[] unsealKey = fileKey.map(KeyBytes::copy).orElseGet(() -> Aead.random(Aead.KEY_BYTES));
        byte[] root = Aead.random(Aead.KEY_BYTES);
        List<byte[]> split = List.of();
        boolean made = false;
        Barrier barrier = Barrier.fresh(root);
        try (RawKey sealing = Aead.key(unsealKey)) {
            split = shared ? Shamir.split(unsealKey, shares, threshold, Aead.source()) : split;
            SealConfig config = new SealConfig(
                    shared ? "shamir" : "file",
                    shared ? shares : 1,
                    shared ? threshold : 1,
                    Base64.getEncoder().encodeToString(Aead.seal(sealing, NO_HEADER, PLACE, root)),
                    UUID.randomUUID().toString());
            barrier.store(writable);
            first.accept(barrier.over(writable));
            putForSure(writable, config);
            made = true;
            return split;
        } finally {
            barrier.destroy();
            Secrets.wipe(unsealKey);
            Secrets.wipe(root);
            if (!made) {
                Secrets.wipe(split);
            }
        }
    }

    /** Without this entry the shares are worth nothing, and without the shares the cluster: unknown is not left at that. */
    private void putForSure(Backend writable, SealConfig config) {
        for (int attempt = 1; ; attempt++) {
            try {
                writable.put(config.entry());
                return;
            } catch (BackendException e) {
                if (attempt == 1 && !e.maybeApplied()) {
                    throw e;
                }
                if (attempt == 3) {
                    readBack(config, e);
                    return;
                }
            }
        }
    }

    private void readBack(SealConfig config, BackendException last) {
        Optional<SealConfig> found;
        try {
            found = SealConfig.read(storage);
        } catch (BackendException e) {
            last.addSuppressed(e);
            throw new InDoubtException(last);
        }
        if (found.isEmpty()) {
            throw new InDoubtException(last); // what was sent may arrive yet
        }
        if (!found.get().equals(config)) {
            throw last; // another node was faster, and has told its shares
        }
    }

    /** Whether so many shares with this threshold can be made; what is wrong, or null. */
    public static @Nullable String problem(int shares, int threshold) {
        if (shares < 1 || shares > Shamir.MOST) {
            return "secret_shares must be from 1 to " + Shamir.MOST;
        }
        if (threshold < 1 || threshold > shares) {
            return "secret_threshold must be from 1 to secret_shares";
        }
        if (shares > 1 && threshold == 1) {
            return "secret_threshold must be at least 2 when there are several shares";
        }
        return null;
    }
}
