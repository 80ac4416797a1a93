package dev.holdfast.tck;

import dev.holdfast.spi.Capability;
import dev.holdfast.tck.faults.Link;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One store for the data and another for the lock, each reached through a harness of its own.
 *
 * @param owned whether this starts and closes the two; otherwise they are started, and somebody else's
 */
public record PairHarness(Harness storage, Harness locks, boolean owned) implements Harness {
    /** The rules that such a pair is for; the others are about one store. */
    static final List<Rule> RULES = List.of(Rule.SP_01, Rule.SP_02, Rule.SP_03, Rule.SP_04, Rule.SP_05);

    /** A pair that starts and closes both. */
    public PairHarness(Harness storage, Harness locks) {
        this(storage, locks, true);
    }

    @Override
    public String type() {
        return storage.type();
    }

    @Override
    public Map<String, String> options() {
        return storage.options();
    }

    @Override
    public String name() {
        return storage.name() + "+" + locks.name();
    }

    @Override
    public String commandLine() {
        return storage.commandLine() + " --ha-storage " + locks.commandLine();
    }

    @Override
    public boolean isDisposable() {
        return storage.isDisposable();
    }

    @Override
    public String store() {
        return storage.store() + ", ha_storage: " + locks.store();
    }

    @Override
    public Optional<Harness> haStorage() {
        return Optional.of(locks);
    }

    @Override
    public void start() {
        if (owned) {
            storage.start();
            locks.start();
        }
    }

    @Override
    public Optional<Set<Capability>> expectedCapabilities() {
        return storage.expectedCapabilities();
    }

    @Override
    public Duration expiryStep() {
        return storage.expiryStep();
    }

    @Override
    public Duration pollInterval() {
        return storage.pollInterval();
    }

    @Override
    public Map<String, String> optionsFor(String name) {
        return storage.optionsFor(name);
    }

    @Override
    public Link link(Map<String, String> options) {
        return storage.link(options);
    }

    @Override
    public Optional<StoreControl> control() {
        return storage.control();
    }

    @Override
    public Map<String, LockRemoval> lockRemovals() {
        return storage.lockRemovals();
    }

    @Override
    public boolean sharedByProcesses() {
        return storage.sharedByProcesses();
    }

    @Override
    public Optional<Map<String, String>> wrongCredentials() {
        return storage.wrongCredentials();
    }

    @Override
    public Optional<List<Path>> modulePath() {
        return storage.modulePath();
    }

    @Override
    public void close() {
        if (owned) {
            try (locks) {
                storage.close();
            }
        }
    }
}
