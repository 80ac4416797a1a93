package dev.holdfast.server.cluster;

import dev.holdfast.server.barrier.Barrier;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the keys from storage again and again while a node stands by, so that one that has lost its store, or whose keys
 * are not the cluster's any more, says so without any work to do. What counts is when the last question was sent that was
 * answered. After the first answer it has the node rehearse what it will do with storage when it takes over.
 */
final class StandbyProbe implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StandbyProbe.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final Barrier barrier;
    private final Backend storage;
    private final Duration longest;
    private final BooleanSupplier standingBy;
    private final Thread thread;
    private final LongSupplier clock;
    private final StorageRehearsal rehearsal;
    private volatile long answered;
    private volatile boolean closed;

    /**
     * Not started yet.
     *
     * @param requestTimeout of the store; where an answer may take long, so may two and a half of them
     * @param standingBy whether to ask; while a node is active, its loop does
     */
    StandbyProbe(Barrier barrier, Backend storage, Duration requestTimeout, BooleanSupplier standingBy) {
        this(barrier, storage, requestTimeout, standingBy, System::nanoTime);
    }

    /** @param clock monotonic, in nanoseconds */
    StandbyProbe(
            Barrier barrier, Backend storage, Duration requestTimeout, BooleanSupplier standingBy, LongSupplier clock) {
        this.clock = clock;
        rehearsal = new StorageRehearsal(storage, clock);
        answered = clock.getAsLong();
        this.barrier = barrier;
        Duration patience = requestTimeout.multipliedBy(5).dividedBy(2);
        longest = patience.compareTo(Peers.LOST_AFTER) > 0 ? patience : Peers.LOST_AFTER;
        this.storage = storage;
        this.standingBy = standingBy;
        thread = new Thread(this::run, "holdfast-server-storage");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Whether nothing that was sent lately has been answered. */
    boolean isOverdue() {
        return clock.getAsLong() - answered > longest.toNanos();
    }

    private void run() {
        while (!closed) {
            long sent = clock.getAsLong();
            try {
                boolean standsBy = standingBy.getAsBoolean();
                if (standsBy) {
                    barrier.follow(storage);
                }
                answered = sent;
                if (standsBy) {
                    rehearsal.ifDue();
                }
            } catch (BackendException e) {
                log.debug("the keys cannot be read: {}", e.getMessage());
            } catch (RuntimeException | Error e) { // who dies of one would call the store lost for ever
                log.warn("the keys could not be asked for", e);
            }
            try {
                TimeUnit.NANOSECONDS.sleep(PERIOD.toNanos());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
