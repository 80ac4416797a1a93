package dev.holdfast.spi.driver;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits that end: a condition is awaited, never a time. */
final class Waits {
    /** Far longer than anything here takes; a wait that reaches it has failed. */
    static final Duration BOUND = Duration.ofSeconds(20);

    private Waits() {}

    static <T> T within(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(BOUND.toNanos(), TimeUnit.NANOSECONDS);
    }

    static void await(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > BOUND.toNanos()) {
                throw new AssertionError("not within " + BOUND + ": " + what);
            }
            Thread.onSpinWait();
        }
    }

    /** A thread under way, and what comes of it. */
    record Background<T>(Thread thread, CompletableFuture<T> result) {
        static <T> Background<T> start(Callable<T> task) {
            CompletableFuture<T> result = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                try {
                    result.complete(task.call());
                } catch (Throwable e) {
                    result.completeExceptionally(e);
                }
            });
            thread.setDaemon(true);
            thread.start();
            return new Background<>(thread, result);
        }

        void awaitBlocked() {
            await(
                    "the thread waits",
                    () -> thread.getState() == Thread.State.TIMED_WAITING || thread.getState() == Thread.State.WAITING);
        }
    }
}
