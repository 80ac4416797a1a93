package dev.holdfast.backend.s3;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.driver.Deadline;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The contenders of this instance for each lock, in line. Only the first of them asks the store, so that what waiting
 * costs the store, and how many try in vain after a release, depends on the instances and not on their threads.
 */
final class S3Turns {
    private static final Duration LONG = Duration.ofDays(1);

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Set<Turn>> lines = new HashMap<>();

    /** A place in the line, at its end; who takes it leaves it by {@link Turn#end}. */
    Turn join(Key key) {
        Turn turn = new Turn(key);
        lock.lock();
        try {
            Set<Turn> line = lines.computeIfAbsent(key, unused -> new LinkedHashSet<>());
            if (line.isEmpty()) {
                turn.comes(null);
            }
            line.add(turn);
        } finally {
            lock.unlock();
        }
        return turn;
    }

    /** Takes it out of its line; who is first then and was not before, or null. */
    private @Nullable Turn leave(Turn turn) {
        lock.lock();
        try {
            Set<Turn> line = lines.get(turn.key);
            if (line == null) {
                return null;
            }
            boolean first = line.stream().findFirst().filter(turn::equals).isPresent();
            line.remove(turn);
            if (line.isEmpty()) {
                lines.remove(turn.key);
            }
            return first ? line.stream().findFirst().orElse(null) : null;
        } finally {
            lock.unlock();
        }
    }

    /** One contender's place. */
    final class Turn {
        private final Key key;
        private final CompletableFuture<Optional<Throwable>> come = new CompletableFuture<>();

        private Turn(Key key) {
            this.key = key;
        }

        private void comes(@Nullable Throwable failureBefore) {
            come.complete(Optional.ofNullable(failureBefore));
        }

        /**
         * Waits until those before have gone, or the time is over, when everybody may ask once.
         *
         * @return why the one before gave up, when that was because the store did not answer
         */
        Optional<Throwable> await(Deadline deadline) throws InterruptedException {
            while (!deadline.passed()) {
                try {
                    return come.get(deadline.remaining(LONG).toNanos(), TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    // the deadline says whether that was all
                } catch (ExecutionException e) {
                    throw new IllegalStateException("a turn only comes", e);
                }
            }
            return Optional.empty();
        }

        /** Lets the next one have its turn; those who wait for it need not find out again what is wrong. Once. */
        void end(@Nullable Throwable failure) {
            Turn next = leave(this);
            if (next != null) {
                next.comes(failure);
            }
        }
    }
}
