package dev.holdfast.spi.driver;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Operation;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The watches of one instance (see {@link HALock#watch}): each with a thread of its own for its listener, so that a client
 * library's thread never runs it. All end with this, which whoever creates it closes.
 */
public final class Watches implements AutoCloseable {
    private final Set<Told> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Without any yet. */
    public Watches() {}

    /**
     * Adds a watch.
     *
     * @param listener of the user
     * @param begin makes the driver's part, which has the given task run after each change and is closed with the whole;
     *     the task never blocks
     * @throws BackendException.Closed when this is closed
     */
    public HALock.Watch add(Operation operation, Runnable listener, Function<Runnable, HALock.Watch> begin) {
        Told told = new Told(listener);
        open.add(told);
        try {
            if (!closed) {
                told.begin(begin);
            }
        } catch (RuntimeException e) {
            told.close();
            if (!closed) {
                throw e;
            }
        }
        if (closed) { // after add: close() either sees this watch or is seen here
            told.close();
            throw new BackendException.Closed(operation, false);
        }
        return told;
    }

    @Override
    public void close() {
        closed = true;
        open.forEach(Told::close);
    }

    /** Runs what the user gave; a failure of his is his, and is shown. */
    static void tell(Runnable listener) {
        try {
            listener.run();
        } catch (Throwable e) {
            Thread self = Thread.currentThread();
            self.getUncaughtExceptionHandler().uncaughtException(self, e);
        }
    }

    /** Runs its listener again and again, each time that it was stirred; several times while it runs are one more run. */
    private final class Told implements HALock.Watch {
        private final Runnable listener;
        private final Semaphore stirred = new Semaphore(0);
        private volatile boolean over;
        private volatile HALock.@Nullable Watch source;

        Told(Runnable listener) {
            this.listener = listener;
        }

        void begin(Function<Runnable, HALock.Watch> begin) {
            Thread thread = new Thread(this::run, "holdfast-holder-news");
            thread.setDaemon(true);
            thread.start();
            HALock.Watch begun = begin.apply(stirred::release);
            source = begun;
            if (over) {
                begun.close();
            }
        }

        private void run() {
            while (true) {
                stirred.acquireUninterruptibly();
                stirred.drainPermits();
                if (over) {
                    return;
                }
                tell(listener);
            }
        }

        @Override
        public void close() {
            over = true;
            open.remove(this);
            stirred.release();
            HALock.Watch begun = source;
            if (begun != null) {
                begun.close();
            }
        }
    }
}
