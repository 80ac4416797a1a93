package dev.holdfast.tck.rules;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import java.time.Duration;

/**
 * A pair under test, fresh and empty: storage and ha_storage.
 *
 * @param trial closes whatever is opened
 * @param fences whether storage can
 */
record SplitPair(Trial trial, SplitStore storage, SplitStore locks, boolean fences) {
    /** Who plays which part. */
    enum Cast {
        /** The store under test plays both, in two namespaces. */
        ITSELF,
        /** It keeps the data, the in-memory backend the lock. */
        AS_STORAGE,
        /** It keeps the lock, the in-memory backend the data. */
        AS_HA_STORAGE
    }

    /**
     * Short enough for a bounded pair ({@code lock_ttl >= 2 * request_timeout}), so that each store can be tested as one.
     */
    private static Duration requestTimeout(Trial trial) {
        return trial.lockTtl().dividedBy(2);
    }

    static SplitPair of(Trial trial, Cast cast, String suffix) {
        Duration timeout = requestTimeout(trial);
        SplitStore storage = cast == Cast.AS_HA_STORAGE
                ? SplitStore.ofCompanion(trial, suffix + "-data", timeout)
                : SplitStore.ofSubject(trial, suffix + "-data", timeout);
        SplitStore locks = cast == Cast.AS_STORAGE
                ? SplitStore.ofCompanion(trial, suffix + "-lock", timeout)
                : SplitStore.ofSubject(trial, suffix + "-lock", trial.requestTimeout());
        return new SplitPair(trial, storage, locks, storage.declares(Capability.FENCING));
    }

    /**
     * The store under test with itself; one without locks, with the in-memory backend's.
     *
     * @throws UnverifiedException when neither can be
     */
    static SplitPair usual(Trial trial, String suffix) {
        return of(trial, trial.declares(Capability.LOCKS) ? Cast.ITSELF : Cast.AS_STORAGE, suffix);
    }

    HABackend lockWitness() {
        return (HABackend) locks.witness();
    }

    /** Starts a node of this pair; {@code plain} hides that storage can fence. */
    SplitNode node(String name, boolean plain) {
        return trial.keep(new SplitNode(this, name, plain));
    }

    SplitNode node(String name) {
        return node(name, false);
    }

    /** How long a successor waits that cannot fence. */
    Duration lockDelay() {
        return storage.requestTimeout().plusMillis(200);
    }

    /** How long a standby may need for a lock that was released: it is told at once, and takes over. */
    Duration handOver() {
        return trial.atOnce().plus(takeOver());
    }

    /** How long a standby may need for the lock of a node that was cut off. */
    Duration failOver() {
        return trial.expiryBound().plus(takeOver());
    }

    private Duration takeOver() {
        return fences ? storage.requestTimeout() : storage.requestTimeout().plus(lockDelay());
    }

    @Override
    public String toString() {
        return "storage " + storage + ", ha_storage " + locks;
    }
}
