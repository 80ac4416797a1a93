package dev.holdfast.ha;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts and stops the service, in a thread that does nothing else; a stop never runs beside a start. */
final class ServiceCalls implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServiceCalls.class);

    private final HACallbacks.OnActive onActive;
    private final HACallbacks.OnStandby onStandby;
    private final ThreadPoolExecutor executor;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Thread calling;
    private volatile boolean begun;
    private CompletableFuture<?> stopping = CompletableFuture.completedFuture(null);

    ServiceCalls(HACallbacks.OnActive onActive, HACallbacks.OnStandby onStandby) {
        this.onActive = onActive;
        this.onStandby = onStandby;
        executor = new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "holdfast-ha-service");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Starts the service; {@code started} or {@code failed} is told how it went. */
    void begin(Term term, Runnable started, Consumer<Throwable> failed) {
        executor.execute(() -> {
            try {
                if (interruptibly(() -> beginIfActive(term))) {
                    started.run();
                }
            } catch (Throwable e) { // a missing class, too, must not leave the lock with who cannot serve
                failed.accept(e);
            }
        });
    }

    /** Whoever ends the term from here on interrupts. */
    private boolean beginIfActive(Term term) throws Exception {
        if (!term.isActive()) {
            return false;
        }
        begun = true;
        onActive.begin(term);
        return true;
    }

    /** Begins to stop the service, if it was started. */
    void end(HAEvent why) {
        interrupt();
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        stopping = done;
        executor.execute(() -> {
            try {
                if (begun) {
                    begun = false;
                    boolean unused = interruptibly(() -> {
                        onStandby.end(why);
                        return true;
                    });
                }
            } catch (Throwable e) {
                log.warn("the service could not be stopped in order", e);
            } finally {
                done.complete(null);
            }
        });
    }

    /** Waits for the stop that is under way; returns whether it ended within the bound. */
    boolean awaitStopped(Duration bound) throws InterruptedException {
        try {
            Object unused = stopping.get(bound.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a stop never fails", e);
        }
    }

    /** Interrupts the callback that runs now, and no later one. */
    void interrupt() {
        lock.lock();
        try {
            if (calling != null) {
                calling.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the calling thread is running a callback. */
    boolean isCaller() {
        lock.lock();
        try {
            return calling == Thread.currentThread();
        } finally {
            lock.unlock();
        }
    }

    private boolean interruptibly(Callable<Boolean> callback) throws Exception {
        setCalling(Thread.currentThread());
        try {
            return callback.call();
        } finally {
            setCalling(null);
            boolean unused = Thread.interrupted();
        }
    }

    private void setCalling(@Nullable Thread thread) {
        lock.lock();
        try {
            calling = thread;
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more calls. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
