package dev.holdfast.tck.faults;

import java.util.concurrent.atomic.AtomicLong;

/** Counts what goes through a proxy, on all of its connections. */
final class TrafficCount {
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong bytesToStore = new AtomicLong();
    private final AtomicLong bytesToClient = new AtomicLong();

    void request() {
        requests.incrementAndGet();
    }

    void bytes(int more, boolean toStore) {
        (toStore ? bytesToStore : bytesToClient).addAndGet(more);
    }

    Traffic soFar() {
        return new Traffic(requests.get(), bytesToStore.get(), bytesToClient.get());
    }
}
