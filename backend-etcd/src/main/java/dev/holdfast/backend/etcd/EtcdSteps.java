package dev.holdfast.backend.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** Several requests that make one call: bounded together, and over when the caller gives up. */
final class EtcdSteps<R> {
    private final CompletableFuture<R> outcome = new CompletableFuture<>();
    private final long end;

    EtcdSteps(Duration bound) {
        end = System.nanoTime() + bound.toNanos();
    }

    /** What the caller waits for, and cancels to give up. */
    CompletableFuture<R> outcome() {
        return outcome;
    }

    /** The call is done. */
    void finish(R result) {
        outcome.complete(result);
    }

    /**
     * Takes one step.
     *
     * @param request sends a request, bounded by what is left of the time
     * @param next what to do with the answer; when it throws, that is the outcome
     */
    <A> void send(Function<Duration, CompletableFuture<A>> request, Consumer<A> next) {
        if (outcome.isDone()) {
            return;
        }
        CompletableFuture<A> sent = request.apply(Duration.ofNanos(end - System.nanoTime()));
        EtcdCall.whenDone(outcome, (result, failure) -> sent.cancel(false));
        EtcdCall.whenDone(sent.thenAccept(next), (done, failure) -> {
            if (failure != null) {
                outcome.completeExceptionally(failure);
            }
        });
    }
}
