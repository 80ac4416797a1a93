package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.driver.Alarms;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The store of a service's data, {@code storage}, together with the store of its lock: {@code ha_storage} where one is
 * given, and otherwise {@code storage} itself when it has locks. The two may be different stores, of different types.
 *
 * <p>{@link #protection()} says what the pair can promise about the late writes of a deposed active (rule SP-04). Data,
 * markers and the fence live in {@code storage} only, the lock in {@code ha_storage} only (rule SP-01); below the name of
 * the lock the library keeps a few small entries of its own in {@code storage}.
 *
 * <p>Immutable and safe for use by any number of threads.
 */
public final class HAStorage implements AutoCloseable {
    private final Backend storage;
    private final @Nullable HABackend locks;
    private final @Nullable String whyNone;
    private final boolean split;
    private final Timings timings;
    private final Protection protection;
    private final @Nullable Alarms alarms;
    private final boolean owner;

    HAStorage(Backend storage, @Nullable Backend haStorage, Timings timings, boolean owner) {
        this.storage = storage;
        this.split = haStorage != null;
        this.locks = locks(storage, haStorage);
        this.whyNone = locks == null ? whyNone(storage) : null;
        this.timings = timings;
        this.protection = locks == null
                ? Protection.NONE
                : storage.capabilities().contains(Capability.FENCING) ? Protection.FENCED : Protection.BOUNDED;
        timings.check(protection);
        this.alarms = protection == Protection.BOUNDED ? new Alarms("holdfast-ha-deadline") : null;
        this.owner = owner;
    }

    /** Pairs backends that are open; who opened them closes them. */
    public static HAStorageBuilder of(Backend storage) {
        return new HAStorageBuilder(storage);
    }

    /**
     * Opens one backend that keeps both the data and the lock, and takes its timings from its options; {@link #close()}
     * closes it.
     *
     * @throws ConfigException when the options are wrong or their timings cannot be safe
     * @throws BackendException as {@link Backends#open} does
     */
    public static HAStorage open(Backends backends, String type, Map<String, String> options) {
        return new HAStorageOpening(backends).open(type, options, null, Map.of());
    }

    /**
     * Opens two backends and takes the timings from their options; {@link #close()} closes both.
     *
     * @throws ConfigException when the options are wrong, their timings cannot be safe, or {@code haType} has no locks
     * @throws BackendException as {@link Backends#open} does
     */
    public static HAStorage open(
            Backends backends, String type, Map<String, String> options, String haType, Map<String, String> haOptions) {
        return new HAStorageOpening(backends).open(type, options, haType, haOptions);
    }

    private static @Nullable HABackend locks(Backend storage, @Nullable Backend haStorage) {
        if (haStorage == null) {
            return storage instanceof HABackend own && own.haEnabled() ? own : null;
        }
        if (!(haStorage instanceof HABackend able)) {
            throw Timings.refusal(
                    "ha_storage",
                    "the backend " + haStorage + " has no locks, so it cannot elect a leader; use a type that has, or"
                            + " leave ha_storage out");
        }
        if (!able.haEnabled()) {
            throw Timings.refusal(
                    "ha_storage",
                    "locks are turned off or unusable in " + haStorage + " (haEnabled() is false): "
                            + whyDisabled(able));
        }
        return able;
    }

    private static String whyNone(Backend storage) {
        return storage instanceof HABackend able ? whyDisabled(able) : "it is of a type that has none";
    }

    /** A lock that may not be had says why. */
    private static String whyDisabled(HABackend disabled) {
        try {
            var unused = disabled.lock(Key.of("ha"), "");
            return "it does not say why";
        } catch (RuntimeException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /**
     * Why there is no lock, for a person: what {@code storage}, which is alone, says of itself. Empty when there is one.
     * Constant.
     */
    public Optional<String> whyNoLock() {
        return Optional.ofNullable(whyNone);
    }

    /** What stops the late writes of a deposed active. Constant. */
    public Protection protection() {
        return protection;
    }

    /**
     * What the pair has: the capabilities of {@code storage}, and those of its lock, {@link Capability#LOCKS} and
     * {@link Capability#WATCHES}, from where that is.
     * A pair that declares {@link Capability#FENCING} is {@link Protection#FENCED}. Constant.
     */
    public Set<Capability> capabilities() {
        EnumSet<Capability> all = EnumSet.noneOf(Capability.class);
        all.addAll(storage.capabilities());
        Set<Capability> ofLocks = EnumSet.of(Capability.LOCKS, Capability.WATCHES);
        all.removeAll(ofLocks);
        if (locks != null) {
            ofLocks.retainAll(locks.capabilities());
            all.addAll(ofLocks);
        }
        return Set.copyOf(all);
    }

    /**
     * The data, for what every node may do: reading, and on a node that can only run alone, writing. What an active
     * writes goes through {@link Term#storage()}.
     */
    public Backend storage() {
        return storage;
    }

    /** The longest that one call to {@link #storage()} may take. Constant. */
    public Duration requestTimeout() {
        return timings.requestTimeout();
    }

    /**
     * Goes on with a lock store that was replaced, or restored to an earlier state, after a node has said so in a
     * {@link HAEvent.Kind#LOCK_STORE_BEHIND} event: from now on its tokens are counted on from the fence that stands in
     * {@code storage}. For a person to call, on one node, after making sure that no node uses the lock store that was
     * there before; the nodes that wait go on by themselves.
     *
     * @param lock the lock of the service
     * @param confirmation what the event asks for; it is different every time, so one that was left in a script does
     *     nothing the next time
     * @throws IllegalArgumentException when the confirmation is not the one asked for; nothing is changed
     * @throws IllegalStateException when there is nothing to adopt: the pair is not fenced, somebody holds the lock, or
     *     the lock store's tokens are above the fence
     * @throws BackendException when a store could not be used; it may then be called again
     */
    public void adoptLockStore(Key lock, String confirmation) throws InterruptedException {
        if (protection != Protection.FENCED) {
            throw new IllegalStateException("only a fenced pair compares tokens, and this one is " + protection);
        }
        new LockStoreAdoption((FencingBackend) storage, requireLocks(), lock).run(confirmation);
    }

    /** The start-up line: which store holds what, and what stops late writes. */
    @Override
    public String toString() {
        String data = "storage: " + storage;
        if (locks == null) {
            return data + "; no locks, HA disabled: " + whyNone;
        }
        String where = split ? "; ha_storage: " + locks : "; it holds the lock, too";
        return data
                + where
                + (protection == Protection.FENCED
                        ? "; late writes are rejected by storage (fenced)"
                        : "; late writes are outwaited (bounded: deadline "
                                + timings.requestTimeout().toMillis() + " ms, lock_delay "
                                + timings.lockDelay().toMillis() + " ms)");
    }

    /** Frees what this has made itself, and closes the backends if it opened them. Idempotent, does not throw. */
    @Override
    public void close() {
        if (alarms != null) {
            alarms.close();
        }
        if (owner) {
            if (split && locks != null) {
                locks.close();
            }
            storage.close();
        }
    }

    Timings timings() {
        return timings;
    }

    @Nullable
    HABackend locks() {
        return locks;
    }

    HABackend requireLocks() {
        if (locks == null) {
            throw Timings.refusal(
                    "ha_storage",
                    "there is none, and storage " + storage
                            + " has no locks of its own or they are turned off; without a"
                            + " lock this service can only run alone: " + whyNone);
        }
        return locks;
    }

    Guard guard(Lease lease, Consumer<BackendException.Fenced> onFenced) {
        Guard.Bound bound = alarms == null ? null : new Guard.Bound(timings.requestTimeout(), alarms);
        return new Guard(storage, lease, bound, onFenced);
    }

    /** @param active who is, when it is not the node that asks */
    Takeover takeover(Key lock, Supplier<Optional<Holder>> active) {
        return protection == Protection.FENCED
                ? new FencedTakeover(this, (FencingBackend) storage)
                : new BoundedTakeover(storage, lock, timings, active);
    }
}
