package dev.holdfast.server.cluster;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Has the next one of something ready, since making one takes longer than a hand-over can wait. Each is given once, and the
 * next is made a while later, when the hand-over is done. Safe for use by any number of threads.
 *
 * @param <T> what it is
 */
public final class Ahead<T> {
    private static final Duration LATER = Duration.ofSeconds(1);

    private final String threadName;
    private final Supplier<T> make;
    private final ReentrantLock lock = new ReentrantLock();
    private Next<T> next;

    private record Next<T>(CompletableFuture<T> made, CountDownLatch wanted) {
        Next() {
            this(new CompletableFuture<>(), new CountDownLatch(1));
        }
    }

    /** Begins to make the first one, in a thread of this name. */
    public Ahead(String threadName, Supplier<T> make) {
        this.threadName = threadName;
        this.make = make;
        next = begin(Duration.ZERO);
    }

    private static <T> CompletableFuture<T> take(Next<T> one) {
        one.wanted.countDown();
        return one.made;
    }

    private Next<T> begin(Duration later) {
        Next<T> begun = new Next<>();
        Thread thread = new Thread(() -> make(begun, later), threadName);
        thread.setDaemon(true);
        thread.start();
        return begun;
    }

    private void make(Next<T> begun, Duration later) {
        try {
            boolean unused = begun.wanted.await(later.toNanos(), TimeUnit.NANOSECONDS);
            var unusedToo = begun.made.completeAsync(make, Runnable::run);
        } catch (InterruptedException e) {
            begun.made.completeExceptionally(e);
        }
    }

    /**
     * Gives the one that is ready, or waits for it.
     *
     * @throws IllegalStateException when it could not be made
     */
    public T next() {
        Next<T> given;
        lock.lock();
        try {
            given = next;
            next = begin(LATER);
        } finally {
            lock.unlock();
        }
        try {
            return take(given).join();
        } catch (CompletionException e) {
            throw new IllegalStateException("it could not be made ahead", e.getCause());
        }
    }

    /** The one that is ready or being made, for who needs no further one and has to free it. */
    public CompletableFuture<T> last() {
        lock.lock();
        try {
            return take(next);
        } finally {
            lock.unlock();
        }
    }
}
