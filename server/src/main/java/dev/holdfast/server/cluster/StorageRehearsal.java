package dev.holdfast.server.cluster;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a node that stands by write, list and delete in storage once, as it will when it takes over: a JVM's first requests of
 * each kind take ten times as long as those after them, and who may not write is better found out now. It is one entry, of
 * which nobody reads what it holds, the same for all nodes, and gone afterwards. Used by one thread.
 */
final class StorageRehearsal {
    private static final Logger log = LoggerFactory.getLogger(StorageRehearsal.class);
    private static final Key KEY = Key.of("core/rehearsal/entry");

    /** About as long as an advertisement. */
    private static final int LENGTH = 2 << 10;

    private static final int ROUNDS = 3;
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final Backend storage;
    private final LongSupplier clock;
    private boolean done;
    private boolean failed;
    private long failedAt;

    /** @param clock monotonic, in nanoseconds */
    StorageRehearsal(Backend storage, LongSupplier clock) {
        this.storage = storage;
        this.clock = clock;
    }

    /** Does it, unless it was done, or failed within the last minute. */
    void ifDue() {
        if (done || (failed && clock.getAsLong() - failedAt < AGAIN.toNanos())) {
            return;
        }
        try {
            for (int round = 0; round < ROUNDS; round++) {
                storage.put(Entry.of(KEY, new byte[LENGTH]));
                var unused = storage.list(KEY.parent(), "", 2);
                storage.delete(KEY);
            }
            done = true;
        } catch (BackendException e) {
            if (Thread.currentThread().isInterrupted()) {
                return; // the node is being sealed, of which storage is not to blame
            }
            if (!failed) {
                log.warn(
                        "storage could not be written to, which this node would have to as the active: {}",
                        e.getMessage());
            }
            failed = true;
            failedAt = clock.getAsLong();
        }
    }
}
