package dev.holdfast.ha;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A backend whose lock is always free, or that says why it has none. */
final class FakeLocks extends FakeStorage implements HABackend {
    private final boolean enabled;

    /** Those that were won, in order. */
    final List<FakeLease> leases = new CopyOnWriteArrayList<>();

    FakeLocks(boolean enabled, Capability... declared) {
        super(declared);
        this.enabled = enabled;
    }

    @Override
    public HALock lock(Key key, String value) {
        if (!enabled) {
            throw new BackendException.InvalidRequest(
                    Operation.at("fake", "nowhere"), "this instance does not declare LOCKS: the bucket cannot compare");
        }
        return new HALock() {
            @Override
            public Lease acquire() {
                FakeLease won = new FakeLease();
                leases.add(won);
                return won;
            }

            @Override
            public Optional<Lease> tryAcquire(Duration timeout) {
                return Optional.of(acquire());
            }

            @Override
            public Optional<Holder> holder() {
                return Optional.empty();
            }

            @Override
            public Watch watch(Duration poll, Runnable news) {
                return () -> {};
            }
        };
    }

    @Override
    public boolean haEnabled() {
        return enabled;
    }
}
