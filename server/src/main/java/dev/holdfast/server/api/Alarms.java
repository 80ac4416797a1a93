package dev.holdfast.server.api;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Ends requests at their deadline by interrupting their threads, which is a prompt and honest end of every storage call. */
final class Alarms implements AutoCloseable {
    private final ScheduledThreadPoolExecutor timer;

    Alarms() {
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "holdfast-server-deadline");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Does the work in this thread, which comes out of it without the alarm's interrupt. */
    <T> T within(Duration longest, Callable<T> work) throws Exception {
        Alarm alarm = new Alarm();
        Future<?> set = timer.schedule(alarm, longest.toNanos(), TimeUnit.NANOSECONDS);
        try {
            return work.call();
        } finally {
            set.cancel(false);
            alarm.off();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private static final class Alarm implements Runnable {
        private enum State {
            SET,
            RINGING,
            RANG,
            OFF
        }

        private final Thread sleeper = Thread.currentThread();
        private final AtomicReference<State> state = new AtomicReference<>(State.SET);

        @Override
        public void run() {
            if (state.compareAndSet(State.SET, State.RINGING)) {
                sleeper.interrupt();
                state.set(State.RANG);
            }
        }

        void off() {
            if (!state.compareAndSet(State.SET, State.OFF)) {
                while (state.get() != State.RANG) {
                    Thread.onSpinWait();
                }
                boolean unused = Thread.interrupted();
            }
        }
    }
}
