package dev.holdfast.tck;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Threads with one common start. */
final class Race {
    private final TrialResources resources;
    private final int racers;
    private final Duration bound;
    private final CountDownLatch start = new CountDownLatch(1);
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    Race(TrialResources resources, int racers, Duration bound) {
        this.resources = resources;
        this.racers = racers;
        this.bound = bound;
    }

    void run(Trial.Racer racer) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < racers; i++) {
            int number = i;
            threads.add(resources.thread("racer-" + i, () -> {
                try {
                    start.await();
                    racer.run(number);
                } catch (Throwable e) {
                    failures.add(e);
                }
            }));
        }
        start.countDown();
        AssertionError hung = awaitAll(threads);
        List<Throwable> thrown = List.copyOf(failures); // and not what interrupted ones throw from now on
        if (hung != null) {
            threads.forEach(Thread::interrupt);
        }
        // What is wrong says more than what could not be told, and either more than that another waited for it.
        Throwable first = thrown.stream()
                .min(Comparator.comparing((Throwable failure) -> failure instanceof UnverifiedException)
                        .thenComparing(failure -> !Violation.isIn(failure)))
                .orElse(hung);
        if (first != null) {
            thrown.stream().filter(other -> other != first).forEach(first::addSuppressed);
            if (hung != null && hung != first) {
                first.addSuppressed(hung);
            }
            if (first instanceof Error error) {
                throw error;
            }
            throw (Exception) first;
        }
    }

    /** Returns what to say of the first that was not done in time; null when all were. */
    private @Nullable AssertionError awaitAll(List<Thread> threads) throws InterruptedException {
        long end = System.nanoTime() + bound.toNanos();
        for (Thread thread : threads) {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, end - System.nanoTime()));
            if (thread.isAlive()) {
                AssertionError hung = new AssertionError(
                        thread.getName() + " of " + racers + " was not done within " + bound.toMillis() + " ms");
                hung.setStackTrace(thread.getStackTrace());
                return hung;
            }
        }
        return null;
    }
}
