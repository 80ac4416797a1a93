package dev.holdfast.ha;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Ends calls at a deadline by interrupting their threads, which rule ER-05 makes a prompt and honest end of every call. It
 * holds whatever the backend's own timeout is.
 */
final class Cut implements AutoCloseable {
    private final ScheduledThreadPoolExecutor timer;

    Cut() {
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "holdfast-ha-deadline");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Runs the call in this thread, and throws what it throws. */
    void run(Duration deadline, Runnable call) {
        Alarm alarm = new Alarm();
        Future<?> set = timer.schedule(alarm, deadline.toNanos(), TimeUnit.NANOSECONDS);
        try {
            call.run();
        } finally {
            set.cancel(false);
            alarm.off();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** Interrupts the thread that made it, unless that is through by then; its interrupt never outlives the call. */
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
