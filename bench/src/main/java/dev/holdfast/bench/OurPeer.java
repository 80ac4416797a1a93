package dev.holdfast.bench;

import dev.holdfast.bench.raw.Peer;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A contender for one of our locks. */
final class OurPeer implements Peer {
    private final HALock lock;
    private @Nullable Lease lease;

    OurPeer(HABackend backend, String key) {
        lock = backend.lock(Key.of(key), "bench");
    }

    @Override
    public void acquire() throws InterruptedException {
        lease = lock.acquire();
    }

    @Override
    public void release() {
        Objects.requireNonNull(lease).release();
    }
}
