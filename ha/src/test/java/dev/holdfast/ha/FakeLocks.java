package dev.holdfast.ha;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;

/** A backend that says it can lock, or why not. */
final class FakeLocks extends FakeStorage implements HABackend {
    private final boolean enabled;

    FakeLocks(boolean enabled, Capability... declared) {
        super(declared);
        this.enabled = enabled;
    }

    @Override
    public HALock lock(Key key, String value) {
        throw new BackendException.InvalidRequest(
                Operation.at("fake", "nowhere"), "this instance does not declare LOCKS: the bucket cannot compare");
    }

    @Override
    public boolean haEnabled() {
        return enabled;
    }
}
