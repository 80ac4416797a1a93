package dev.holdfast.ha;

import dev.holdfast.spi.BackendException;
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
 * Knows who leads. The SPI tells who holds a lock only when it is asked, so this asks: at a modest interval, and at once
 * when this node's own part has changed.
 */
final class LeaderWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LeaderWatch.class);

    private final Supplier<Optional<Holder>> ask;
    private final Duration period;
    private final Consumer<Optional<Holder>> listener;
    private final Semaphore news = new Semaphore(0);
    private final Thread thread;
    private volatile Optional<Holder> leader = Optional.empty();
    private volatile boolean closed;

    LeaderWatch(Supplier<Optional<Holder>> ask, Duration period, Consumer<Optional<Holder>> listener) {
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
        while (!closed) {
            try {
                Optional<Holder> now = ask.get();
                if (!now.equals(leader)) {
                    leader = now;
                    listener.accept(now);
                }
            } catch (BackendException e) {
                log.debug("who leads could not be asked, so the last answer stands: {}", e.getMessage());
            } catch (RuntimeException e) {
                log.warn("a listener to leaders failed", e);
            }
            try {
                boolean unused = news.tryAcquire(period.toNanos(), TimeUnit.NANOSECONDS);
                news.drainPermits();
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
