package dev.holdfast.backend.s3;

import dev.holdfast.backend.s3.S3LockObject.Seen;
import dev.holdfast.spi.driver.LeaseThreads;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that none of a contender's writes stands, and that none still under way can: frees the lock where one
 * stands, and replaces what such a write expects to find. Tries until that is confirmed, or until rivals have stopped
 * waiting for it anyway. Whatever somebody else wrote is left alone.
 */
final class S3Withdrawal {
    private static final Duration RETRY = Duration.ofMillis(200);

    private final S3LockObject lock;
    private final S3Client client;
    private final LeaseThreads threads;
    private final Seen base;
    private final S3Record tombstone;
    private final long giveUp;
    private final Consumer<Seen> freed;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    /**
     * A withdrawal that is not started yet.
     *
     * @param base what stands, or what the writes still under way expect to find
     * @param tombstone what to write, with the name of the writer whose writes are meant
     * @param freed told what was written
     */
    S3Withdrawal(
            S3LockObject lock,
            S3Client client,
            LeaseThreads threads,
            Seen base,
            S3Record tombstone,
            Duration patience,
            Consumer<Seen> freed) {
        this.lock = lock;
        this.client = client;
        this.threads = threads;
        this.base = base;
        this.tombstone = tombstone;
        this.giveUp = System.nanoTime() + patience.toNanos();
        this.freed = freed;
    }

    /** Starts where the base is believed to stand. */
    CompletableFuture<Void> start() {
        swap(base.etag());
        return done;
    }

    private void swap(@Nullable String etag) {
        S3Call.whenDone(lock.swap(etag, tombstone, client.end()), (written, failure) -> {
            if (failure == null && written.isPresent()) {
                finish(written.get());
            } else if (failure == null) {
                look(new Refused(etag));
            } else {
                later(failure);
            }
        });
    }

    /** A swap that the store refused, because this was not the ETag any more; or so it says. */
    private record Refused(@Nullable String etag) {}

    private void look(@Nullable Refused before) {
        S3Call.whenDone(lock.look(null, client.end()), (seen, failure) -> {
            if (failure != null) {
                later(failure);
            } else if (seen.record().isHeldBy(tombstone.writer()) || Objects.equals(seen.etag(), base.etag())) {
                if (before != null && Objects.equals(seen.etag(), before.etag())) {
                    later(new S3Failures.Contradiction());
                } else {
                    swap(seen.etag());
                }
            } else if (seen.record().writer().equals(tombstone.writer())) {
                finish(seen);
            } else {
                done.complete(null);
            }
        });
    }

    private void finish(Seen written) {
        freed.accept(written);
        done.complete(null);
    }

    private void later(Throwable failure) {
        if (giveUp - System.nanoTime() < 0) {
            done.completeExceptionally(failure);
            return;
        }
        try {
            threads.after(RETRY.toNanos(), () -> look(null));
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(failure);
        }
    }
}
