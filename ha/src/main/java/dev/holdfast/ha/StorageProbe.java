package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Asks {@code storage} again and again while a node is active, so that an outage is noticed without any work to do (rule
 * SP-03). As with a lease, what counts is when the last question was sent that was answered.
 */
final class StorageProbe implements AutoCloseable {
    private final Backend storage;
    private final Key key;
    private final Duration period;
    private final Duration longest;
    private final Thread thread;
    private volatile long answered = System.nanoTime();
    private volatile String problem = "it has not answered";
    private volatile boolean closed;

    /** @param requestTimeout that of {@code storage} */
    StorageProbe(Backend storage, Key key, Duration requestTimeout) {
        this.storage = storage;
        this.key = key;
        this.period = requestTimeout.dividedBy(4);
        this.longest = longest(requestTimeout);
        thread = new Thread(this::run, "holdfast-ha-storage");
        thread.setDaemon(true);
        thread.start();
    }

    /** How long a term goes on while storage does not do what it is asked to. */
    static Duration longest(Duration requestTimeout) {
        return requestTimeout.multipliedBy(5).dividedBy(2);
    }

    /** Whether nothing that was sent within the last 2.5 request timeouts has been answered. */
    boolean isOverdue() {
        return System.nanoTime() - answered > longest.toNanos();
    }

    /** What the last question met with. */
    String problem() {
        return "storage has answered nothing that was sent within the last " + longest.toMillis() + " ms: " + problem;
    }

    private void run() {
        while (!closed) {
            long sent = System.nanoTime();
            try {
                var unused = storage.get(key);
                answered = sent;
            } catch (BackendException e) {
                problem = String.valueOf(e.getMessage());
            } catch (RuntimeException | Error e) {
                problem = e.toString();
            }
            try {
                TimeUnit.NANOSECONDS.sleep(period.toNanos());
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
