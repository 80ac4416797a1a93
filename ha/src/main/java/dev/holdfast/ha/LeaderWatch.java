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
            while (!closed) {
                try {
                    follow();
                } catch (BackendException.Closed e) {
                    log.warn("who leads is not known any more: {}", e.getMessage());
                    return;
                } catch (RuntimeException | Error e) {
                    log.warn("the lock's store could not be asked to tell who leads; it is asked again", e);
                    sleep();
                }
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private void follow() throws InterruptedException {
        HALock.Watch changes = lock.watch(period, this::look);
        try (changes) {
            while (!closed) {
                if (update()) {
                    news.acquire();
                } else {
                    sleep();
                }
                news.drainPermits();
            }
        }
    }

    /** Until there is news, but not for long. */
    private void sleep() throws InterruptedException {
        boolean unused = news.tryAcquire(period.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Returns whether the store answered. */
    private boolean update() {
        Optional<Holder> now;
        try {
            now = ask.get();
        } catch (BackendException e) {
            log.debug("who leads could not be asked, so the last answer stands: {}", e.getMessage());
            return false;
        } catch (RuntimeException | Error e) {
            log.warn("who leads could not be asked, so the last answer stands", e);
            return false;
        }
        if (!now.equals(leader)) {
            leader = now;
            try {
                listener.accept(now);
            } catch (RuntimeException | Error e) { // who dies of one change would never hear of the next
                log.warn("a listener to leaders failed", e);
            }
        }
        return true;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
