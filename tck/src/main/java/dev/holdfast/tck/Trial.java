package dev.holdfast.tck;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Option;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.report.TimelineRecorder;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One check being made: a fresh namespace of the store, clients to it, links to cut, and a seeded source of chance.
 * Whatever is opened through it is closed with it.
 */
public final class Trial implements AutoCloseable {
    private final Harness harness;
    private final String namespace;
    private final Map<String, String> options;
    private final long seed;
    private final Random random;
    private final TimelineRecorder recorder;
    private final Pulse machine;
    private final TrialResources resources = new TrialResources();
    private volatile @Nullable Set<Capability> declared;
    private final Set<Map<String, String>> places = ConcurrentHashMap.newKeySet();

    Trial(Harness harness, String namespace, long seed, TimelineRecorder recorder, Pulse machine) {
        this.harness = harness;
        this.namespace = namespace;
        this.options = Map.copyOf(harness.optionsFor(namespace));
        this.places.add(options);
        this.seed = seed;
        this.random = new Random(seed);
        this.recorder = recorder;
        this.machine = machine;
    }

    /** The harness, for what only it can do. */
    public Harness harness() {
        return harness;
    }

    /** The name of the fresh namespace. */
    public String namespace() {
        return namespace;
    }

    /** The options of a client in the fresh namespace. */
    public Map<String, String> options() {
        return options;
    }

    /** The seed of {@link #random()}. */
    public long seed() {
        return seed;
    }

    /** Chance that comes out the same way for the same seed; for one thread, others make their own from it. */
    public Random random() {
        return random;
    }

    /** A new client in the fresh namespace. */
    public Backend open() {
        Backend backend = open(options);
        remember(backend);
        return backend;
    }

    /** A new client with these options. */
    public Backend open(Map<String, String> with) {
        return keep(Backends.load().open(harness.type(), with));
    }

    /** A new client that can lock; the runner has made sure that the backend can. */
    public HABackend openHA() {
        return (HABackend) open();
    }

    /** A new client in a namespace of its own beside this one. */
    public Backend openElsewhere(String suffix) {
        return open(elsewhere(suffix));
    }

    /** The options of a client in that namespace. */
    public Map<String, String> elsewhere(String suffix) {
        Map<String, String> elsewhere = Map.copyOf(harness.optionsFor(namespace + suffix));
        places.add(elsewhere);
        return elsewhere;
    }

    /**
     * A link of its own for one client, to be opened with {@link Link#options()}.
     *
     * @throws UnverifiedException when the harness cannot make one
     */
    public Link link() {
        return keep(recorder.watch(harness.link(options)));
    }

    /** As {@link #link()}, for the contender of this name, in whose lane of the report its faults are drawn. */
    public Link link(String contender) {
        return keep(recorder.watch(harness.link(options), contender));
    }

    /** What the report draws of this check. */
    public TimelineRecorder timeline() {
        return recorder;
    }

    /**
     * Power over the store.
     *
     * @throws UnverifiedException when the harness has none
     */
    public StoreControl control() {
        return harness.control()
                .map(recorder::watch)
                .orElseThrow(() -> new UnverifiedException("the harness cannot stop or restart this store"));
    }

    /** The servers of the store, each under control of its own; empty unless there are several and the harness knows them. */
    public List<StoreServer> servers() {
        return harness.control().map(recorder::watch).map(StoreControl::servers).orElse(List.of());
    }

    /** The options of a client in the fresh namespace that knows these servers only. */
    public Map<String, String> optionsFor(List<StoreServer> servers) {
        Map<String, String> only = new HashMap<>(options);
        String endpoints = servers.stream().map(StoreServer::endpoint).collect(Collectors.joining(","));
        Backends.load().provider(harness.type()).options().options().stream()
                .filter(option -> option.kind() == Option.Kind.ENDPOINTS)
                .forEach(option -> only.put(option.name(), endpoints));
        return Map.copyOf(only);
    }

    /**
     * The ways to take a lock away from its holder, each by a few words for it.
     *
     * @throws UnverifiedException when the harness has none
     */
    public Map<String, LockRemoval> lockRemovals() {
        Map<String, LockRemoval> removals = harness.lockRemovals();
        if (removals.isEmpty()) {
            throw new UnverifiedException("the harness cannot remove a lock behind its holder's back");
        }
        return recorder.watch(removals);
    }

    /** Closes this with the trial. */
    public <T extends AutoCloseable> T keep(T resource) {
        return resources.keep(resource);
    }

    /** What an instance in the fresh namespace declares, which the first one of this trial has told. */
    public boolean declares(Capability capability) {
        Set<Capability> known = declared;
        if (known == null) {
            try (Backend backend = Backends.load().open(harness.type(), options)) {
                known = remember(backend);
            }
        }
        return known.contains(capability);
    }

    private Set<Capability> remember(Backend backend) {
        Set<Capability> known = Set.copyOf(backend.capabilities());
        declared = known;
        return known;
    }

    /** The configured bound of one call. */
    public Duration requestTimeout() {
        return durationOption("request_timeout", Duration.ofSeconds(5));
    }

    /** The configured time to live of a lock. */
    public Duration lockTtl() {
        return durationOption("lock_ttl", Duration.ofSeconds(15));
    }

    /** After how long a lock of a dead holder is free for certain: its TTL, the store's step, and 1 s. */
    public Duration expiryBound() {
        return lockTtl().plus(harness.expiryStep()).plusSeconds(1);
    }

    /** The specification's "at once": 1 s, and one poll interval for a backend that polls. */
    public Duration atOnce() {
        return harness.pollInterval().plusSeconds(1);
    }

    /** How punctual this machine is. */
    public Pulse machine() {
        return machine;
    }

    /**
     * Waits for something that must come to pass.
     *
     * @throws AssertionError when it did not in time
     * @throws UnverifiedException when it did not, on a machine that was too busy for anything
     */
    public void await(String what, Duration bound, BooleanSupplier condition) throws InterruptedException {
        await(() -> what, bound, condition);
    }

    /** As the other one; {@code what} is asked for when the time is up, so that it can say how things stand then. */
    public void await(Supplier<String> what, Duration bound, BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start - bound.toNanos() > 0) {
                throw machine.tooLate("not within " + bound.toMillis() + " ms: " + what.get(), bound, start);
            }
            Thread.sleep(2);
        }
    }

    /** What {@link #race} runs. */
    @FunctionalInterface
    public interface Racer {
        /** Does the part of racer {@code number}, counted from 0. */
        void run(int number) throws Exception;
    }

    /**
     * Runs {@code racers} threads from one common start and waits for all; throws what the first failing one threw, with
     * the others' failures attached.
     */
    public void race(int racers, Duration bound, Racer racer) throws Exception {
        new Race(resources, racers, bound).run(racer);
    }

    /** A started daemon thread of the kit's; one that a failed check leaves behind is ended with the trial. */
    public Thread thread(String name, Runnable task) {
        return resources.thread(name, task);
    }

    private Duration durationOption(String name, Duration otherwise) {
        Config config = Backends.load().configure(harness.type(), options);
        return Backends.load()
                .provider(harness.type())
                .options()
                .find(name)
                .filter(option -> option.kind() == Option.Kind.DURATION)
                .flatMap(config::find)
                .map(Duration.class::cast)
                .orElse(otherwise);
    }

    /** Closes what was opened, the last first; what cannot be closed is a failure of the check. */
    @Override
    public void close() {
        Map<String, Exception> failures = resources.close();
        if (!harness.isDisposable()) {
            cleanUp(failures);
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("could not be closed: " + failures);
        }
    }

    private void cleanUp(Map<String, Exception> failures) {
        for (Map<String, String> place : places) {
            try (Backend backend = Backends.load().open(harness.type(), place)) {
                Cleanup.empty(backend);
            } catch (RuntimeException e) {
                failures.put("the namespace " + namespace, e);
            }
        }
    }
}
