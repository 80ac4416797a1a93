package dev.holdfast.backend.s3;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Threads for blocking requests, of which so many run at once while the others wait in line. The thread that was idle for
 * the shortest time takes the next request, so that a light load stays on few threads, with all that they have at hand;
 * others end after a while.
 */
final class S3Lane implements Executor, AutoCloseable {
    private final int most;
    private final ThreadPoolExecutor threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;

    /** @param most how many requests run at once */
    S3Lane(String name, int most) {
        this.most = most;
        // Its waiters are a stack. One that is about to become idle is not there yet, hence no bound of its own.
        threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** @throws RejectedExecutionException when it is closed */
    @Override
    public void execute(Runnable request) {
        if (begins(request)) {
            boolean started = false;
            try {
                threads.execute(() -> runAll(request));
                started = true;
            } finally {
                if (!started) {
                    ended();
                }
            }
        }
    }

    /** Whether it may run now; otherwise it is in line. */
    private boolean begins(Runnable request) {
        lock.lock();
        try {
            if (threads.isShutdown()) {
                throw new RejectedExecutionException("the lane is closed");
            }
            if (running == most) {
                return !waiting.add(request);
            }
            running++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void runAll(Runnable first) {
        for (@Nullable Runnable next = first; next != null; next = next()) {
            next.run(); // which keeps what it throws
            boolean unused = Thread.interrupted(); // who gave that one up does not mean the next one
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            @Nullable Runnable next = threads.isShutdown() ? null : waiting.poll();
            running -= next == null ? 1 : 0;
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** No thread could be had for it. */
    private void ended() {
        lock.lock();
        try {
            running--;
        } finally {
            lock.unlock();
        }
    }

    /** Interrupts those who run; who is in line never does. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
