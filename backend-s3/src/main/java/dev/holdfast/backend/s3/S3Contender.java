package dev.holdfast.backend.s3;

import dev.holdfast.backend.s3.S3LockObject.Seen;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Calls;
import dev.holdfast.spi.driver.Deadline;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One attempt to win one lock. For one thread. */
final class S3Contender {
    private static final Duration STUCK = Duration.ofMillis(100);

    private final S3Options options;
    private final S3Client client;
    private final Calls calls;
    private final Operation operation;
    private final S3LockObject lock;
    private final S3Sightings sightings;
    private final CompletableFuture<Void> closed;
    private final Key key;
    private final String value;
    private final String id = UUID.randomUUID().toString();

    /** When each write was sent, by its turn. */
    private final Map<Long, Long> sent = new HashMap<>();

    private long turn;

    /** By when the store must have answered; later with each answer, because an outage is what must not last. */
    private long end;

    /** The record that writes of unknown outcome expect to find, or our own that stands; null when there is neither. */
    private @Nullable Seen unsure;

    /** Since when no write has succeeded although nobody else's has; null when it is not so. */
    private @Nullable Long stuckSince;

    S3Contender(
            S3Options options,
            S3Client client,
            Calls calls,
            Operation operation,
            S3LockObject lock,
            S3Sightings sightings,
            CompletableFuture<Void> closed,
            Key key,
            String value) {
        this.options = options;
        this.client = client;
        this.calls = calls;
        this.operation = operation;
        this.lock = lock;
        this.sightings = sightings;
        this.closed = closed;
        this.key = key;
        this.value = value;
    }

    /** The record that won, and when it was sent. */
    record Won(Seen seen, long sentNanos) {}

    /**
     * Competes until it has won, or somebody else holds the lock at the deadline.
     *
     * @param known what the object was when this instance saw it last, where it is likely to be so still
     */
    Optional<Won> compete(@Nullable Seen known, Deadline deadline) throws InterruptedException {
        end = client.end(); // not before: who gave way to others may have waited for longer than a call may take
        Seen seen = known == null ? look(null) : known;
        boolean fresh = known == null;
        while (true) {
            if (seen.record().isHeldBy(id)) {
                unsure = seen;
                if (seen.record().epoch() > 0) {
                    return Optional.of(
                            new Won(seen, sent.getOrDefault(seen.record().turn(), 0L)));
                }
                seen = settle(seen);
                continue;
            }
            if (unsure != null && !isSame(unsure, seen)) {
                unsure = null; // it has changed, so what expects the old one fails
            }
            long left = sightings.remaining(key, seen);
            if (left <= 0) {
                S3Record next = seen.record().won(options.lockTtl(), id, ++turn, value);
                Optional<Seen> now = swap(seen, next);
                if (now.isEmpty() && fresh && !deadline.passed()) {
                    pause(options.lockPoll().toNanos(), deadline); // one of many who saw it free was faster
                    end = client.end();
                }
                seen = now.isPresent() ? now.get() : lookAfter(contradiction(), seen);
                fresh = true;
            } else if (deadline.passed()) {
                return Optional.empty();
            } else {
                pause(left, deadline);
                end = client.end();
                seen = look(seen);
            }
        }
    }

    private Seen look(@Nullable Seen last) {
        return answered(calls.read(operation, () -> lock.look(last, end)));
    }

    /**
     * Tries to replace what was seen, and returns what is there then. Empty when it was something else already: written
     * by somebody else, or by this one after all, since a proxy may send twice.
     */
    private Optional<Seen> swap(Seen base, S3Record next) throws InterruptedException {
        sent.put(next.turn(), System.nanoTime());
        unsure = base;
        try {
            Optional<Seen> written = answered(calls.write(operation, () -> lock.swap(base.etag(), next, end)));
            stuckSince = written.isPresent() ? null : stuckSince;
            return written;
        } catch (BackendException.OutcomeUnknown e) {
            requireTime(e);
            return Optional.of(lookAfter(e, base));
        }
    }

    /** Gives a first token to a lock whose object is new. */
    private Seen settle(Seen won) throws InterruptedException {
        long below;
        try {
            below = answered(calls.write(operation, () -> lock.reserve(end)));
        } catch (BackendException.OutcomeUnknown e) {
            requireTime(e);
            return lookAfter(e, won); // and again: tokens that were set aside for nothing are no loss
        }
        turn++;
        S3Record settled = won.record().settled(below + 1, S3LockObject.last(below));
        Optional<Seen> now = swap(won, settled);
        return now.isPresent() ? now.get() : lookAfter(contradiction(), won);
    }

    /**
     * What there is instead of what was to be replaced. When that is what there still is, the store contradicts itself, or
     * cannot write: for as long as a call may take that is put up with, but not in a hurry.
     */
    private Seen lookAfter(BackendException failure, Seen base) throws InterruptedException {
        Seen seen = look(null);
        if (!isSame(seen, base)) {
            stuckSince = null;
            return seen;
        }
        long now = System.nanoTime();
        if (stuckSince == null) {
            stuckSince = now;
        } else if (now - stuckSince > client.timeout().toNanos()) {
            throw failure;
        }
        rest(STUCK);
        end = client.end();
        return seen;
    }

    private BackendException contradiction() {
        S3Failures.Contradiction failure = new S3Failures.Contradiction();
        return new BackendException.Unavailable(operation, String.valueOf(failure.getMessage()), failure);
    }

    private <T> T answered(T answer) {
        end = client.end();
        return answer;
    }

    /** Whether an unknown outcome can still be found out. */
    private void requireTime(BackendException.OutcomeUnknown failure) {
        if (end - System.nanoTime() <= 0 || Thread.currentThread().isInterrupted()) {
            throw failure;
        }
    }

    private static boolean isSame(Seen one, Seen other) {
        String etag = one.etag();
        return etag == null ? other.etag() == null : etag.equals(other.etag());
    }

    /** Until the next look; not at the same moments as all others. */
    private void pause(long left, Deadline deadline) throws InterruptedException {
        long poll = options.lockPoll().toNanos();
        long jittered = poll - ThreadLocalRandom.current().nextLong(poll / 4 + 1);
        rest(deadline.remaining(Duration.ofNanos(Math.min(jittered, left))));
    }

    private void rest(Duration wait) throws InterruptedException {
        try {
            closed.get(wait.toNanos() + 1, TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return; // the next look tells
        }
    }

    /** What a write of ours may stand in place of, or where one stands; empty when none can. */
    Optional<Seen> unsure() {
        return Optional.ofNullable(unsure);
    }

    /** What to write so that no write of ours stands. */
    S3Record tombstone(Seen base) {
        S3Record stands = base.record();
        S3Record mine = stands.isHeldBy(id) ? stands : stands.won(options.lockTtl(), id, turn, value);
        return mine.freed(turn + 1);
    }
}
