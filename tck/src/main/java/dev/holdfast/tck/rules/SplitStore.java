package dev.holdfast.tck.rules;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.faults.Fault;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** One store of a pair: a namespace of the store under test, or of the in-memory backend that keeps it company. */
final class SplitStore {
    private static final String COMPANION = "inmem";

    private final Trial trial;
    private final String type;
    private final Map<String, String> options;
    private final Duration requestTimeout;
    private final boolean subject;

    private SplitStore(Trial trial, String type, Map<String, String> options, Duration timeout, boolean subject) {
        this.trial = trial;
        this.type = type;
        this.requestTimeout = timeout;
        this.subject = subject;
        BackendProvider provider = Backends.load().provider(type);
        this.options = new HashMap<>(options);
        if (provider.options().find("request_timeout").isPresent()) {
            this.options.put("request_timeout", timeout.toMillis() + "ms");
        }
    }

    /** A fresh namespace of the store under test. */
    static SplitStore ofSubject(Trial trial, String suffix, Duration requestTimeout) {
        return new SplitStore(trial, trial.harness().type(), trial.elsewhere(suffix), requestTimeout, true);
    }

    /**
     * A store of the in-memory backend.
     *
     * @throws UnverifiedException when it is not on the class path
     */
    static SplitStore ofCompanion(Trial trial, String suffix, Duration requestTimeout) {
        if (!Backends.load().types().contains(COMPANION)) {
            throw new UnverifiedException(
                    "the in-memory backend is not on the class path, so no pair can be made with it");
        }
        Map<String, String> options = Map.of(
                "store",
                trial.namespace(),
                "path",
                suffix,
                "lock_ttl",
                trial.lockTtl().toMillis() + "ms");
        return new SplitStore(trial, COMPANION, options, requestTimeout, false);
    }

    String type() {
        return type;
    }

    Map<String, String> options() {
        return options;
    }

    Duration requestTimeout() {
        return requestTimeout;
    }

    /** A client that nothing disturbs. */
    Backend witness() {
        return witness(Map.of());
    }

    /** As {@link #witness()}, with other options. */
    Backend witness(Map<String, String> changed) {
        Map<String, String> all = new HashMap<>(options);
        all.putAll(changed);
        return trial.keep(Backends.load().open(type, all));
    }

    boolean declares(Capability capability) {
        return witness().capabilities().contains(capability);
    }

    boolean hasOption(String name) {
        return Backends.load().provider(type).options().find(name).isPresent();
    }

    /** A node's way to the data. */
    SplitAccess toData(String node) {
        return subject
                ? SplitAccess.Linked.of(trial, node, options)
                : SplitAccess.Gated.of(trial, type, options, requestTimeout);
    }

    /** A node's way to the lock. */
    LockAccess toLocks(String node) {
        if (!subject) {
            HABackend client = (HABackend) witness();
            return new LockAccess(client, Map.of("its client closed", client::close));
        }
        SplitAccess.Linked access = SplitAccess.Linked.of(trial, node, options);
        Map<String, Runnable> losses = new LinkedHashMap<>();
        removals().forEach((name, removal) -> losses.put(name, () -> removal.remove(options, SplitNode.LOCK)));
        losses.put("ha_storage cut off", () -> access.cut(Fault.BLACK_HOLE));
        return new LockAccess((HABackend) access.client(), losses);
    }

    private Map<String, LockRemoval> removals() {
        return trial.harness().lockRemovals().isEmpty() ? Map.of() : trial.lockRemovals();
    }

    /**
     * A node's client for the lock, and the ways to take its lock from it, the fast ones first, each by a few words.
     *
     * @param losses each can be used once
     */
    record LockAccess(HABackend client, Map<String, Runnable> losses) {
        String fastest() {
            return losses.keySet().iterator().next();
        }

        String slowest() {
            return losses.keySet().stream().reduce((first, second) -> second).orElseThrow();
        }

        void lose(String how) {
            Runnable loss = losses.get(how);
            if (loss == null) {
                throw new IllegalArgumentException("there is no way '" + how + "', only " + losses.keySet());
            }
            loss.run();
        }
    }

    /** Who holds the pair's lock, as an outsider sees it. */
    static boolean isFree(HABackend locks, Key lock) {
        return locks.lock(lock, "witness").holder().isEmpty();
    }

    @Override
    public String toString() {
        return type + (subject ? "" : " (companion)");
    }
}
