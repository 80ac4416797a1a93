package dev.holdfast.spi.driver;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Ends work at a deadline by interrupting the thread that does it, which rule ER-05 makes a prompt and honest end of every
 * call of a backend, whatever the backend's own timeout is. One daemon thread rings for all; whoever creates this closes
 * it.
 */
public final class Alarms implements AutoCloseable {
    /** Work to do within a deadline. */
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        /** Does it; when the thread is interrupted, it should end soon. */
        @Nullable
        T run() throws E;
    }

    private final ScheduledThreadPoolExecutor timer;

    /** @param threadName of the thread that rings */
    public Alarms(String threadName) {
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, threadName);
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Does the work in the calling thread, which is interrupted when it takes longer. The alarm's interrupt never outlives
     * the work, and one of somebody else that was pending when it rang stays.
     *
     * @return what the work returned; what the work throws is thrown
     * @throws RejectedExecutionException when this is closed; the work was not begun
     */
    public <T, E extends Exception> @Nullable T within(Duration longest, Work<T, E> work) throws E {
        Alarm alarm = new Alarm();
        Future<?> set = timer.schedule(alarm, longest.toNanos(), TimeUnit.NANOSECONDS);
        try {
            return work.run();
        } finally {
            set.cancel(false);
            alarm.off();
        }
    }

    /** Work that is under way goes on without a deadline. */
    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** Interrupts the thread that made it, unless that is through by then. */
    private static final class Alarm implements Runnable {
        private enum State {
            SET,
            RINGING,
            RANG,
            OFF
        }

        private final Thread sleeper = Thread.currentThread();
        private final AtomicReference<State> state = new AtomicReference<>(State.SET);
        private volatile boolean foreign;

        @Override
        public void run() {
            if (state.compareAndSet(State.SET, State.RINGING)) {
                foreign = sleeper.isInterrupted();
                sleeper.interrupt();
                state.set(State.RANG);
            }
        }

        void off() {
            if (state.compareAndSet(State.SET, State.OFF)) {
                return;
            }
            while (state.get() != State.RANG) {
                Thread.onSpinWait();
            }
            if (!foreign) {
                boolean unused = Thread.interrupted();
            }
        }
    }
}
