package dev.holdfast.backend.s3;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.driver.Deadline;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The contenders of this instance for each lock, in line. Only the first of them asks the store, so that what waiting
 * costs the store, and how many try in vain after a release, depends on the instances and not on their threads.
 */
final class S3Turns {
    private static final Duration LONG = Duration.ofDays(1);

    private final Map<Key, CompletableFuture<Void>> last = new ConcurrentHashMap<>();

    /** A place in the line, at its end; who takes it leaves it by {@link Turn#end}. */
    Turn join(Key lock) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        @Nullable CompletableFuture<Void> before = last.put(lock, over);
        S3Call.whenDone(over, (done, failure) -> last.remove(lock, over));
        return new Turn(before, over);
    }

    /** One contender's place. */
    static final class Turn {
        private final @Nullable CompletableFuture<Void> before;
        private final CompletableFuture<Void> over;

        private Turn(@Nullable CompletableFuture<Void> before, CompletableFuture<Void> over) {
            this.before = before;
            this.over = over;
        }

        /**
         * Waits until those before have gone, or the time is over, when everybody may ask once.
         *
         * @return why the one before gave up, when that was because the store did not answer
         */
        Optional<Throwable> await(Deadline deadline) throws InterruptedException {
            while (before != null && !deadline.passed()) {
                try {
                    before.get(deadline.remaining(LONG).toNanos(), TimeUnit.NANOSECONDS);
                    return Optional.empty();
                } catch (TimeoutException e) {
                    // the deadline says whether that was all
                } catch (ExecutionException e) {
                    return Optional.ofNullable(e.getCause());
                }
            }
            return Optional.empty();
        }

        /** Lets the next one have its turn; those who wait for it need not find out again what is wrong. */
        void end(BackendException.@Nullable Unavailable failure) {
            if (before == null || before.isDone()) {
                finish(failure);
            } else {
                S3Call.whenDone(before, (done, problem) -> finish(problem));
            }
        }

        private void finish(@Nullable Throwable failure) {
            if (failure == null) {
                over.complete(null);
            } else {
                over.completeExceptionally(failure);
            }
        }
    }
}
