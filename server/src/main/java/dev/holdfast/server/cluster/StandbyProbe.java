package dev.holdfast.server.cluster;

import dev.holdfast.server.barrier.Barrier;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the keys from storage again and again while a node stands by, so that one that has lost its store, or whose keys
 * are not the cluster's any more, says so without any work to do. What counts is when the last question was sent that was
 * answered.
 */
final class StandbyProbe implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StandbyProbe.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final Barrier barrier;
    private final Backend storage;
    private final BooleanSupplier standingBy;
    private final Thread thread;
    private volatile long answered = System.nanoTime();
    private volatile boolean closed;

    /** @param standingBy whether to ask; while a node is active, its loop does */
    StandbyProbe(Barrier barrier, Backend storage, BooleanSupplier standingBy) {
        this.barrier = barrier;
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
        return System.nanoTime() - answered > Peers.LOST_AFTER.toNanos();
    }

    private void run() {
        while (!closed) {
            long sent = System.nanoTime();
            try {
                if (standingBy.getAsBoolean()) {
                    barrier.follow(storage);
                }
                answered = sent;
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
