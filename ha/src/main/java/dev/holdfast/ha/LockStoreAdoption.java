package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import java.time.Duration;

/** As {@link HAStorage#adoptLockStore} says. */
record LockStoreAdoption(FencingBackend storage, HABackend locks, Key lock) {
    void run(String confirmation) throws InterruptedException {
        LockStore current = LockStore.of(storage, lock);
        if (!confirmation.equals(current.confirmation(lock))) {
            throw new IllegalArgumentException("to adopt " + locks + " as the lock store of '" + lock
                    + "', confirm with exactly \"" + current.confirmation(lock) + "\"; nothing was changed");
        }
        try (Lease lease = locks.lock(lock, "adoption of this lock store")
                .tryAcquire(Duration.ZERO)
                .orElseThrow(() -> new IllegalStateException(
                        "somebody holds the lock '" + lock + "' in " + locks + ", so nothing is to be adopted"))) {
            adopt(current, lease);
        }
    }

    private void adopt(LockStore current, Lease lease) {
        long fence = current.fence(lease.token());
        if (isAbove(fence)) {
            throw new IllegalStateException("token " + lease.token() + " of " + locks
                    + " is above the fence of storage, so nothing is to be adopted");
        }
        // What stands is not told, only whether it is higher; the steps grow, so that it takes a few dozen at most.
        for (long step = 1; ; step = Math.multiplyExact(step, 2)) {
            long higher = Math.addExact(fence, step);
            try {
                Backend view = FencedTakeover.raise(storage, higher);
                LockStore next = current.next(lease.token(), higher);
                if (!lease.isHeld()) {
                    throw new IllegalStateException("the lock was lost meanwhile; adopt again");
                }
                view.put(next.entry(lock));
                return;
            } catch (BackendException.Fenced e) {
                // still too low
            }
        }
    }

    private boolean isAbove(long fence) {
        try {
            Backend unused = FencedTakeover.raise(storage, fence);
            return true;
        } catch (BackendException.Fenced e) {
            return false;
        }
    }
}
