package dev.holdfast.tck.rules;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Option;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A store that halves of pairs can be made in.
 *
 * @param place the options of a fresh namespace, by a part of its name
 * @param harness what the kit can do to the store; null when it knows only its type
 */
record SplitHost(
        String type,
        Function<String, Map<String, String>> place,
        @Nullable Harness harness) {
    private static final String IN_MEMORY = "inmem";

    /** The store under test. */
    static SplitHost subject(Trial trial) {
        return new SplitHost(trial.harness().type(), trial::elsewhere, trial.harness());
    }

    /** The store that the harness wants the lock to be in. */
    static Optional<SplitHost> haStorage(Trial trial) {
        return trial.harness().haStorage().map(harness -> of(trial, harness));
    }

    private static SplitHost of(Trial trial, Harness harness) {
        return new SplitHost(harness.type(), suffix -> harness.optionsFor(trial.namespace() + suffix), harness);
    }

    /**
     * The stores of all other types that the class path has a harness for, brought up; and the in-memory backend in any
     * case, which needs none.
     */
    static List<SplitHost> companions(Trial trial) {
        List<SplitHost> all = new ArrayList<>();
        for (Harness harness : ServiceLoader.load(Harness.class)) {
            boolean usual = harness.name().equals(harness.type()); // others bring up what is known to fall short
            if (usual && !harness.type().equals(trial.harness().type())) {
                trial.keep(harness).start();
                all.add(of(trial, harness));
            }
        }
        if (all.stream().noneMatch(host -> host.type.equals(IN_MEMORY))) {
            inMemory(trial).ifPresent(all::add);
        }
        return all;
    }

    /** The in-memory backend; empty when it is not on the class path. */
    static Optional<SplitHost> inMemory(Trial trial) {
        if (!Backends.load().types().contains(IN_MEMORY)) {
            return Optional.empty();
        }
        String ttl = trial.lockTtl().toMillis() + "ms";
        return Optional.of(new SplitHost(
                IN_MEMORY, suffix -> Map.of("store", trial.namespace(), "path", suffix, "lock_ttl", ttl), null));
    }

    /** How much later than its TTL a lock may expire, and be seen to have. */
    Duration slowness() {
        return harness == null
                ? Duration.ofSeconds(1)
                : harness.expiryStep().plus(harness.pollInterval()).plusSeconds(1);
    }

    /** In how long a release is seen. */
    Duration atOnce() {
        return harness == null ? Duration.ofSeconds(1) : harness.pollInterval().plusSeconds(1);
    }

    /** The value of one of the options that mean the same everywhere. */
    Duration duration(Map<String, String> options, String name, Duration otherwise) {
        Config config = Backends.load().configure(type, options);
        return Backends.load()
                .provider(type)
                .options()
                .find(name)
                .filter(option -> option.kind() == Option.Kind.DURATION)
                .flatMap(config::find)
                .map(Duration.class::cast)
                .orElse(otherwise);
    }
}
