package dev.holdfast.server.api;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Bounds how many requests have a thread for their answer. The others wait for their turn without one, so that there are
 * threads left for what is answered at once, while a store keeps all others waiting. Safe for use by any number of threads.
 */
final class Turns {
    private final Semaphore free;
    private final Semaphore seats;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    /**
     * @param atOnce how many may have a thread
     * @param waiting how many others may wait
     */
    Turns(int atOnce, int waiting) {
        this.free = new Semaphore(atOnce);
        this.seats = new Semaphore(waiting);
    }

    /**
     * Runs a task at once in this thread, or later in another.
     *
     * @param executor where it runs later
     * @param rejected told when the executor does not take it, being shut down, or when it fails later, in a thread where
     *     nobody else would be told
     * @return false when too many wait already; then it never runs
     */
    boolean take(Executor executor, Runnable task, Consumer<Throwable> rejected) {
        if (free.tryAcquire()) {
            run(task);
            return true;
        }
        if (!seats.tryAcquire()) {
            return false;
        }
        waiting.add(() -> {
            seats.release();
            try {
                executor.execute(() -> {
                    try {
                        run(task);
                    } catch (RuntimeException | Error e) {
                        rejected.accept(e);
                        throw e;
                    }
                });
            } catch (RejectedExecutionException e) {
                free.release();
                rejected.accept(e);
            }
        });
        callNext(); // who had the last turn may have given it back meanwhile
        return true;
    }

    private void run(Runnable task) {
        try {
            task.run();
        } finally {
            free.release();
            callNext();
        }
    }

    private void callNext() {
        while (!waiting.isEmpty() && free.tryAcquire()) {
            Runnable next = waiting.poll();
            if (next == null) {
                free.release();
            } else {
                next.run();
            }
        }
    }
}
