package dev.holdfast.backend.s3;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A blocking request on a thread of its own, seen as a future. Cancelling the future interrupts the thread. */
final class S3Call<T extends @Nullable Object> extends FutureTask<T> {
    private final CompletableFuture<T> answer = new CompletableFuture<>();

    private S3Call(Callable<T> request) {
        super(request);
        whenDone(answer, (value, failure) -> {
            if (answer.isCancelled()) {
                cancel(true);
            }
        });
    }

    /** Has a thread send a request; one that is cancelled before its turn is never sent. */
    static <T extends @Nullable Object> CompletableFuture<T> start(Executor threads, Callable<T> request) {
        S3Call<T> call = new S3Call<>(request);
        try {
            threads.execute(call);
        } catch (RejectedExecutionException e) {
            call.answer.completeExceptionally(new S3Errors.NotSent("the instance is closed"));
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
