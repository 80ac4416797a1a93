package dev.holdfast.ha;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows who leads: asks when the lock's store tells of a change, or has to be asked, and at once when this node's own part
 * has changed. A store that tells is not asked otherwise, except again and again when it did not answer.
 */
final class LeaderWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LeaderWatch.class);

    private final HALock lock;
    private final Supplier<Optional<Holder>> ask;
    private final Duration period;
    private final Consumer<Optional<Holder>> listener;
    private final Semaphore news = new Semaphore(0);
    private final Thread thread;
    private volatile Optional<Holder> leader = Optional.empty();
    private volatile boolean closed;

    /**
     * @param ask who leads, as this node sees it
     * @param period of asking a store that does not tell
     */
    LeaderWatch(HALock lock, Supplier<Optional<Holder>> ask, Duration period, Consumer<Optional<Holder>> listener) {
        this.lock = lock;
        this.ask = ask;
        this.period = period;
        this.listener = listener;
        thread = new Thread(this::run, "holdfast-ha-leader");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Who led when the store answered last. */
    Optional<Holder> leader() {
        return leader;
    }

    /** Asks now. */
    void look() {
        news.release();
    }

    private void run() {
        try {
            HALock.Watch changes = lock.watch(period, this::look);
            try (changes) {
                while (!closed) {
                    if (update()) {
                        news.acquire();
                    } else {
                        boolean unused = news.tryAcquire(period.toNanos(), TimeUnit.NANOSECONDS);
                    }
                    news.drainPermits();
                }
            }
        } catch (BackendException.Closed e) {
            log.warn("who leads is not known any more: {}", e.getMessage());
        } catch (InterruptedException e) {
            // closed
        }
    }

    /** Returns whether the store answered. */
    private boolean update() {
        try {
            Optional<Holder> now = ask.get();
            if (!now.equals(leader)) {
                leader = now;
                listener.accept(now);
            }
            return true;
        } catch (BackendException e) {
            log.debug("who leads could not be asked, so the last answer stands: {}", e.getMessage());
            return false;
        } catch (RuntimeException e) {
            log.warn("a listener to leaders failed", e);
            return true;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
