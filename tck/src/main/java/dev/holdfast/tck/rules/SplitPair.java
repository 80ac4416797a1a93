package dev.holdfast.tck.rules;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import java.time.Duration;
import java.util.Optional;

/**
 * A pair under test, fresh and empty: storage and ha_storage.
 *
 * @param trial closes whatever is opened
 * @param fences whether storage can
 */
record SplitPair(Trial trial, SplitStore storage, SplitStore locks, boolean fences) {
    static SplitPair of(Trial trial, SplitHost storage, SplitHost locks, String suffix) {
        // Short enough for a bounded pair (lock_ttl >= 2 * request_timeout), so that every pair can be tested as one.
        return of(trial, storage, SplitStore.forLocks(trial, locks, suffix + "-lock"), 2, suffix);
    }

    /** @param requests how many of the longest ones after each other the lock outlives its holder */
    private static SplitPair of(Trial trial, SplitHost storage, SplitStore lock, int requests, String suffix) {
        Duration timeout = lock.lockTtl().dividedBy(requests);
        SplitStore data = SplitStore.forData(trial, storage, suffix + "-data", timeout);
        return new SplitPair(trial, data, lock, data.declares(Capability.FENCING));
    }

    /**
     * The store under test with the one that its harness wants the lock to be in, or with itself; one without locks, with
     * the in-memory backend's.
     *
     * @throws UnverifiedException when neither can be
     */
    static SplitPair usual(Trial trial, String suffix) {
        return of(trial, SplitHost.subject(trial), usualLocks(trial), suffix);
    }

    /** As {@link #usual}, with a lock that outlives its holder for longer than anything that storage is asked for takes. */
    static SplitPair lasting(Trial trial) {
        SplitStore lock = SplitStore.forLocks(trial, usualLocks(trial), "-lock").lasting(2);
        return of(trial, SplitHost.subject(trial), lock, 8, "");
    }

    private static SplitHost usualLocks(Trial trial) {
        return SplitHost.haStorage(trial)
                .or(() -> Optional.of(SplitHost.subject(trial)).filter(host -> trial.declares(Capability.LOCKS)))
                .or(() -> SplitHost.inMemory(trial))
                .orElseThrow(() -> new UnverifiedException(
                        "it has no locks, and the in-memory backend, whose locks would do, is not on the class path"));
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

    /** How long a write may be on its way where storage cannot fence. */
    Duration lockDelay() {
        return storage.requestTimeout().plusSeconds(1);
    }

    /** The longest that the successor in a bounded pair waits for the writes of an active that did not end cleanly. */
    Duration outwaiting() {
        return locks.lockTtl().dividedBy(2).plus(lockDelay());
    }

    /** How long the first node may need, whose clients connect for the first time; no rule bounds it. */
    Duration setUp() {
        return Duration.ofSeconds(20);
    }

    /** How long a standby may need for a lock that was released: it is told at once, and takes over. */
    Duration handOver() {
        return locks.host().atOnce().plus(takeOver());
    }

    /** How long a standby may need for the lock of a node that was cut off. */
    Duration failOver() {
        return locks.lockTtl().plus(locks.host().slowness()).plus(takeOver());
    }

    /** The rules name no bound for it; what is added is for the machine. */
    private Duration takeOver() {
        Duration calls = storage.requestTimeout().plusSeconds(3);
        return fences ? calls : calls.plus(outwaiting());
    }

    @Override
    public String toString() {
        return "storage " + storage + ", ha_storage " + locks;
    }
}
