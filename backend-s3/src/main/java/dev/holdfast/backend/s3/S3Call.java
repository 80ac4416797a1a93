package dev.holdfast.backend.s3;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A blocking request on a thread of its own, seen as a future. Cancelling the future interrupts the thread and cuts the
 * connection that the request is on: a thread that waits for a socket takes no notice of an interrupt.
 */
final class S3Call<T extends @Nullable Object> extends FutureTask<T> {
    private static final ThreadLocal<@Nullable S3Call<?>> CURRENT = new ThreadLocal<>();

    private final CompletableFuture<T> answer = new CompletableFuture<>();

    /** What cuts the request that is under way. */
    private final AtomicReference<@Nullable Runnable> cut = new AtomicReference<>();

    private S3Call(Callable<T> request) {
        super(request);
        whenDone(answer, (value, failure) -> {
            if (answer.isCancelled()) {
                cancel(true);
                cut(cut.get());
            }
        });
    }

    private static void cut(@Nullable Runnable how) {
        if (how != null) {
            how.run();
        }
    }

    @Override
    public void run() {
        CURRENT.set(this);
        try {
            super.run();
        } finally {
            CURRENT.remove();
        }
    }

    /** Whether nobody waits any more for what the calling thread is doing. */
    static boolean isGivenUp() {
        S3Call<?> call = CURRENT.get();
        return call != null && call.isCancelled();
    }

    /** Says how to cut what the calling thread is about to send; does it when the call it is for was cancelled before. */
    static void cuttable(Runnable how) {
        S3Call<?> call = CURRENT.get();
        if (call != null) {
            call.cut.set(how);
            if (call.isCancelled()) { // after set: either this sees the cancelling or that sees how
                how.run();
            }
        }
    }

    /** Has a thread send a request; one that is cancelled before its turn is never sent. */
    static <T extends @Nullable Object> CompletableFuture<T> start(Executor threads, Callable<T> request) {
        S3Call<T> call = new S3Call<>(request);
        try {
            threads.execute(call);
        } catch (RejectedExecutionException e) {
            call.answer.completeExceptionally(new S3Failures.NotSent("the instance is closed"));
        }
        return call.answer;
    }

    @Override
    protected void done() {
        try {
            answer.complete(get());
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            answer.completeExceptionally(cause == null ? e : cause);
        } catch (InterruptedException | CancellationException e) {
            answer.cancel(false);
        }
    }

    /** Runs an action that neither blocks nor throws when a stage is done, well or not. */
    static <T extends @Nullable Object> void whenDone(
            CompletionStage<T> stage, BiConsumer<? super T, ? super @Nullable Throwable> action) {
        stage.whenComplete(action);
    }
}
