package dev.holdfast.spi.driver;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Blocking calls over an asynchronous client that always end: with the answer, at the deadline, by interruption, or
 * when the instance is closed; each with the error that the contract of {@link dev.holdfast.spi.Backend} asks for.
 *
 * <p>An interrupted thread sends nothing at all. What must be sent in any case, such as a release, is therefore sent
 * first and only {@linkplain #confirm awaited} here.
 */
public final class Calls implements AutoCloseable {
    private final Duration timeout;
    private final ErrorMapping errors;
    private final Set<CompletableFuture<?>> pending = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @param timeout the bound of each call */
    public Calls(Duration timeout, ErrorMapping errors) {
        this.timeout = timeout;
        this.errors = errors;
    }

    /** A call that changes nothing: when no answer comes it is {@link BackendException.Unavailable}. */
    public <T extends @Nullable Object> T read(Operation operation, Supplier<? extends CompletionStage<T>> request) {
        return read(operation, request, Deadline.NEVER);
    }

    /** As {@link #read(Operation, Supplier)}, of a call that goes on one which was begun earlier. */
    public <T extends @Nullable Object> T read(
            Operation operation, Supplier<? extends CompletionStage<T>> request, Deadline end) {
        return call(operation, request, false, end);
    }

    /** A call that changes something: when no answer comes it is {@link BackendException.OutcomeUnknown}. */
    public <T extends @Nullable Object> T write(Operation operation, Supplier<? extends CompletionStage<T>> request) {
        return call(operation, request, true, Deadline.NEVER);
    }

    /**
     * Waits for the answer to a change that was sent in any case. So whatever keeps it from coming, an interruption and
     * {@link #close()} included, nobody knows whether the change was applied.
     */
    public <T extends @Nullable Object> T confirm(Operation operation, CompletionStage<T> sent) {
        return answer(operation, sent.toCompletableFuture(), true, Deadline.NEVER);
    }

    /**
     * Refuses to go on after {@link #close()}.
     *
     * @throws BackendException.Closed when the instance is closed
     */
    public void requireOpen(Operation operation) {
        if (closed) {
            throw new BackendException.Closed(operation, false);
        }
    }

    /** The bound of each call. */
    public Duration timeout() {
        return timeout;
    }

    /** Whether {@link #close()} was called. */
    public boolean isClosed() {
        return closed;
    }

    /** Fails every pending call, and from now on every new one, with {@link BackendException.Closed}. */
    @Override
    public void close() {
        closed = true;
        pending.forEach(call -> call.completeExceptionally(new ClosedMarker()));
    }

    /** Waits for a while, whatever comes of it, and even when the thread is interrupted, which it still is afterwards. */
    public static void settle(CompletableFuture<?> future, Duration bound) {
        Deadline deadline = Deadline.after(bound);
        boolean interrupted = false;
        while (!future.isDone()) {
            try {
                future.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException | CancellationException | TimeoutException e) {
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private <T extends @Nullable Object> T call(
            Operation operation, Supplier<? extends CompletionStage<T>> request, boolean write, Deadline end) {
        requireOpen(operation);
        if (Thread.currentThread().isInterrupted()) {
            throw new BackendException.Unavailable(operation, "interrupted before anything was sent", null);
        }
        return answer(operation, send(operation, request, write).toCompletableFuture(), write, end);
    }

    @SuppressWarnings("CollectionUndefinedEquality") // identity is what is meant
    private <T extends @Nullable Object> T answer(
            Operation operation, CompletableFuture<T> sent, boolean write, Deadline end) {
        if (sent.isDone()) {
            return await(operation, sent, sent, write, end);
        }
        CompletableFuture<T> call = new CompletableFuture<>();
        pending.add(call);
        try {
            if (closed) { // after add: close() either sees this call or is seen here
                call.completeExceptionally(new ClosedMarker());
            }
            CompletionStage<T> answer = sent;
            answer.whenComplete((value, failure) -> {
                if (failure == null) {
                    call.complete(value);
                } else {
                    call.completeExceptionally(failure);
                }
            });
            return await(operation, call, sent, write, end);
        } finally {
            pending.remove(call);
        }
    }

    private <T extends @Nullable Object> CompletionStage<T> send(
            Operation operation, Supplier<? extends CompletionStage<T>> request, boolean write) {
        try {
            return request.get();
        } catch (RuntimeException e) {
            throw translate(operation, e, write);
        }
    }

    private <T extends @Nullable Object> T await(
            Operation operation, CompletableFuture<T> call, CompletableFuture<T> sent, boolean write, Deadline end) {
        try {
            return call.get(end.remaining(timeout).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw unanswered(operation, "no answer within " + timeout.toMillis() + " ms", write);
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw unanswered(operation, "interrupted before the answer came", write);
        } catch (ExecutionException | CancellationException e) {
            throw translate(operation, e, write);
        }
    }

    private static BackendException unanswered(Operation operation, String detail, boolean write) {
        return write
                ? new BackendException.OutcomeUnknown(operation, detail, null)
                : new BackendException.Unavailable(operation, detail, null);
    }

    private BackendException translate(Operation operation, Throwable failure, boolean write) {
        Throwable root = failure;
        while ((root instanceof ExecutionException || root instanceof CompletionException) && root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof ClosedMarker || closed) {
            return new BackendException.Closed(operation, write);
        }
        return root instanceof BackendException known ? known : errors.map(operation, root, write);
    }

    private static final class ClosedMarker extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ClosedMarker() {
            super("closed", null, false, false);
        }
    }
}
