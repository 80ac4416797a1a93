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
import java.util.concurrent.atomic.AtomicInteger;

/** A backend whose lock is always free, or that says why it has none. */
final class FakeLocks extends FakeStorage implements HABackend {
    private final boolean enabled;

    /** Those that were won, in order. */
    final List<FakeLease> leases = new CopyOnWriteArrayList<>();

    /** Before each answer to who holds the lock. */
    volatile Runnable asked = () -> {};

    /** To who holds the lock. */
    final AtomicInteger answers = new AtomicInteger();

    /** Of the next lease. */
    volatile long token = 7;

    /** The store has none of them any more, and has told nobody. */
    volatile boolean removed;

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
                FakeLease won = new FakeLease(token);
                leases.add(won);
                return won;
            }

            @Override
            public Optional<Lease> tryAcquire(Duration timeout) {
                return Optional.of(acquire());
            }

            @Override
            public Optional<Holder> holder() {
                asked.run();
                answers.incrementAndGet();
                return removed
                        ? Optional.empty()
                        : leases.stream()
                                .filter(FakeLease::isHeld)
                                .findAny()
                                .map(lease -> new Holder(value, lease.token()));
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
