package dev.holdfast.tck.rules;

import dev.holdfast.tck.Trial;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call that may block, made in a thread of its own. */
final class Pending<T> {
    /** For how long a thread must have been blocked for its call to be taken as waiting. */
    private static final Duration SETTLED = Duration.ofMillis(50);

    private final Trial trial;
    private final String what;
    private final Thread thread;
    private volatile @Nullable T value;
    private volatile @Nullable Throwable failure;

    private Pending(Trial trial, String what, Callable<T> body) {
        this.trial = trial;
        this.what = what;
        this.thread = trial.thread(what.replace(' ', '-'), () -> {
            try {
                value = body.call();
            } catch (Throwable e) {
                failure = e;
            }
        });
    }

    /** Starts the call; {@code what} names it in messages. */
    static <T> Pending<T> call(Trial trial, String what, Callable<T> body) {
        return new Pending<>(trial, what, body);
    }

    boolean isDone() {
        return !thread.isAlive();
    }

    void interrupt() {
        thread.interrupt();
    }

    /**
     * Waits until the thread has been blocked for a while, which from outside is as near as one gets to "it stands in the
     * queue". A check may not depend on it: it only makes it likely that the check looks at what it means to look at.
     */
    void awaitBlocked() throws InterruptedException {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        long running = System.nanoTime();
        while (!isDone() && System.nanoTime() < giveUp && System.nanoTime() - running < SETTLED.toNanos()) {
            if (thread.getState() == Thread.State.RUNNABLE) {
                running = System.nanoTime();
            }
            Thread.sleep(1);
        }
        if (isDone()) {
            throw new AssertionError(
                    what + " should wait, but it " + (failure == null ? "returned " + value : "threw " + failure),
                    failure);
        }
    }

    /** Its result; throws what it threw. */
    @SuppressWarnings("NullAway") // a call without a result has null
    T get(Duration bound) throws Exception {
        end(bound);
        Throwable thrown = failure;
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown != null) {
            throw (Exception) thrown;
        }
        return value;
    }

    /** What it threw; null when it returned. */
    @Nullable
    Throwable failure(Duration bound) throws InterruptedException {
        end(bound);
        return failure;
    }

    private void end(Duration bound) throws InterruptedException {
        long start = System.nanoTime();
        TimeUnit.NANOSECONDS.timedJoin(thread, bound.toNanos());
        if (thread.isAlive()) {
            StackTraceElement[] where = thread.getStackTrace();
            try {
                throw trial.machine().tooLate(what + " did not end within " + bound.toMillis() + " ms", bound, start);
            } catch (AssertionError hung) {
                hung.setStackTrace(where);
                throw hung;
            }
        }
    }
}
