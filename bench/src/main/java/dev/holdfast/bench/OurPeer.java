package dev.holdfast.bench;

import dev.holdfast.bench.raw.Peer;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A contender for one of our locks, or for several by turns. */
final class OurPeer implements Peer {
    private final List<HALock> locks;
    private int turn;
    private @Nullable Lease lease;

    OurPeer(HABackend backend, String key) {
        this(List.of(backend.lock(Key.of(key), "bench")));
    }

    private OurPeer(List<HALock> locks) {
        this.locks = locks;
    }

    /** So many locks by turns: where waiters poll, an instance lets others look before it takes the same one again. */
    static OurPeer byTurns(HABackend backend, String key, int locks) {
        return new OurPeer(IntStream.range(0, locks)
                .mapToObj(i -> backend.lock(Key.of(key + "/" + i), "bench"))
                .toList());
    }

    @Override
    public void acquire() throws InterruptedException {
        lease = locks.get(turn++ % locks.size()).acquire();
    }

    @Override
    public void release() {
        Objects.requireNonNull(lease).release();
    }
}
