package dev.holdfast.tck.rules;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.faults.Fault;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** One store of a pair: a namespace of the store under test, or of the in-memory backend that keeps it company. */
final class SplitStore {
    /** The way to lose a lock that takes a TTL. */
    static final String CUT = "ha_storage cut off";

    private final Trial trial;
    private final SplitHost host;
    private final Map<String, String> place;
    private final Map<String, String> options;
    private final Duration requestTimeout;

    /**
     * @param place the options as the harness gives them
     * @param options those of nodes
     */
    private SplitStore(Trial trial, SplitHost host, Map<String, String> place, Map<String, String> options) {
        this.trial = trial;
        this.host = host;
        this.place = Map.copyOf(place);
        this.options = Map.copyOf(options);
        this.requestTimeout = host.duration(options, "request_timeout", Duration.ofSeconds(5));
    }

    /** A fresh namespace for a lock. */
    static SplitStore forLocks(Trial trial, SplitHost host, String suffix) {
        Map<String, String> place = host.place().apply(suffix);
        return new SplitStore(trial, host, place, place);
    }

    /** The same with locks that last so many times as long, where that can be configured. */
    SplitStore lasting(int times) {
        return with("lock_ttl", lockTtl().multipliedBy(times));
    }

    private SplitStore with(String option, Duration value) {
        if (!hasOption(option)) {
            return this;
        }
        Map<String, String> all = new HashMap<>(options);
        all.put(option, value.toMillis() + "ms");
        return new SplitStore(trial, host, place, all);
    }

    /** A fresh namespace for data, whose calls take no longer than this where that can be configured. */
    static SplitStore forData(Trial trial, SplitHost host, String suffix, Duration requestTimeout) {
        Map<String, String> place = host.place().apply(suffix);
        return new SplitStore(trial, host, place, place).with("request_timeout", requestTimeout);
    }

    String type() {
        return host.type();
    }

    Map<String, String> options() {
        return options;
    }

    SplitHost host() {
        return host;
    }

    Duration requestTimeout() {
        return requestTimeout;
    }

    Duration lockTtl() {
        return host.duration(options, "lock_ttl", trial.lockTtl());
    }

    /** A client that nothing disturbs. */
    Backend witness() {
        return witness(Map.of());
    }

    /** As {@link #witness()}, with other options. */
    Backend witness(Map<String, String> changed) {
        Map<String, String> all = new HashMap<>(place);
        all.putAll(changed);
        return trial.keep(Backends.load().open(host.type(), all));
    }

    boolean declares(Capability capability) {
        return witness().capabilities().contains(capability);
    }

    boolean hasOption(String name) {
        return Backends.load().provider(host.type()).options().find(name).isPresent();
    }

    /** A node's way to the data. */
    SplitAccess toData(String node) {
        Harness harness = host.harness();
        return harness == null
                ? SplitAccess.Gated.of(trial, host.type(), options, requestTimeout)
                : SplitAccess.Linked.of(trial, harness, node, options);
    }

    /** A node's way to the lock. */
    LockAccess toLocks(String node) {
        Harness harness = host.harness();
        if (harness == null) {
            HABackend client = (HABackend) witness();
            return new LockAccess(client, Map.of("its client closed", client::close));
        }
        SplitAccess.Linked access = SplitAccess.Linked.of(trial, harness, node, options);
        Map<String, Runnable> losses = new LinkedHashMap<>();
        trial.timeline()
                .watch(harness.lockRemovals())
                .forEach((name, removal) -> losses.put(name, () -> removal.remove(options, SplitNode.LOCK)));
        losses.put(CUT, () -> access.cut(Fault.BLACK_HOLE));
        return new LockAccess((HABackend) access.client(), losses);
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
        return host.type();
    }
}
