package dev.holdfast.zoo;

import dev.holdfast.backend.inmem.InMemHarness;
import dev.holdfast.spi.Capability;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reaches a mutant's store as the in-memory backend's own harness does. */
final class ZooHarness implements Harness {
    private final InMemHarness inmem = new InMemHarness();
    private final Class<? extends Healthy> mutant;

    ZooHarness(Class<? extends Healthy> mutant) {
        this.mutant = mutant;
    }

    @Override
    public String type() {
        return LifeCycleMutants.WithPassword.class.isAssignableFrom(mutant) ? "zoo-secret" : "zoo";
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new HashMap<>(inmem.options());
        options.put("mutant", mutant.getName());
        return options;
    }

    @Override
    public boolean isDisposable() {
        return true;
    }

    @Override
    public String store() {
        return inmem.store();
    }

    @Override
    public Optional<Set<Capability>> expectedCapabilities() {
        return inmem.expectedCapabilities();
    }

    @Override
    public Duration expiryStep() {
        return inmem.expiryStep();
    }

    @Override
    public boolean sharedByProcesses() {
        return inmem.sharedByProcesses();
    }

    @Override
    public Link link(Map<String, String> options) {
        return inmem.link(options);
    }

    @Override
    public Optional<StoreControl> control() {
        return inmem.control();
    }

    @Override
    public Map<String, LockRemoval> lockRemovals() {
        return inmem.lockRemovals();
    }

    @Override
    public void close() {
        inmem.close();
    }
}
