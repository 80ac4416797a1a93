package dev.holdfast.backend.s3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.backend.s3.S3Client.Lane;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** The object of one lock, and the one beside it that says which of its tokens were set aside. */
final class S3LockObject {
    /** How many tokens are set aside at once: more than a lock can use up. */
    private static final long BLOCK = 1L << 32;

    private static final Duration AGAIN = Duration.ofMillis(50);

    private final S3Objects objects;
    private final S3Quirks quirks;
    private final Operation operation;
    private final String object;
    private final String epochs;

    S3LockObject(S3Objects objects, S3Quirks quirks, Operation operation, String object, String epochs) {
        this.objects = objects;
        this.quirks = quirks;
        this.operation = operation;
        this.object = object;
        this.epochs = epochs;
    }

    /**
     * The object as it was at some moment.
     *
     * @param etag null when it was not there
     */
    record Seen(@Nullable String etag, S3Record record) {
        static final Seen ABSENT = new Seen(null, S3Record.NONE);
    }

    /** Reads the object; a cheap request when it is still as it was last seen. */
    CompletableFuture<Seen> look(@Nullable Seen last, long end) {
        String known = last == null ? null : last.etag();
        if (last == null || known == null || quirks.noneMatch().isEmpty()) {
            return objects.get(Lane.LOCKS, object, end).thenApply(this::seen);
        }
        return objects.getIfChanged(object, known, quirks.noneMatch().get(), end)
                .thenApply(reading -> reading.changed() ? seen(reading.object()) : last);
    }

    private Seen seen(Optional<ResponseBytes<GetObjectResponse>> found) {
        return found.map(answer -> new Seen(
                        S3Objects.etag(answer.response().eTag()),
                        S3Record.of(answer.asByteArrayUnsafe()).orElseThrow(() -> corrupt(object))))
                .orElse(Seen.ABSENT);
    }

    /** Replaces the object if it still has this ETag, or creates it for null; empty when it is something else by now. */
    CompletableFuture<Optional<Seen>> swap(@Nullable String etag, S3Record next, long end) {
        return objects.swap(object, etag, quirks.match(), next.toBytes(), end)
                .thenApply(written -> written.map(tag -> new Seen(tag, next)));
    }

    /**
     * Sets tokens aside, for a record that stands meanwhile: whoever gets tokens later gets higher ones.
     *
     * @return the number below the first one; {@link #last} is the last one
     */
    CompletableFuture<Long> reserve(long end) {
        return objects.get(Lane.LOCKS, epochs, end).thenCompose(found -> {
            String tag = found.map(answer -> S3Objects.etag(answer.response().eTag()))
                    .orElse(null);
            long used = found.map(this::number).orElse(0L);
            byte[] next = Long.toString(used + BLOCK).getBytes(US_ASCII);
            return objects.swap(epochs, tag, quirks.match(), next, end)
                    .thenCompose(written -> written.isPresent() ? CompletableFuture.completedFuture(used) : again(end));
        });
    }

    /** After a while: only a holder does this, so another one who does is rare, and a store that errs is not to be stormed. */
    private CompletableFuture<Long> again(long end) {
        return CompletableFuture.runAsync(
                        () -> {},
                        CompletableFuture.delayedExecutor(AGAIN.toNanos(), TimeUnit.NANOSECONDS, Runnable::run))
                .thenCompose(waited -> reserve(end));
    }

    static long last(long below) {
        return below + BLOCK;
    }

    private long number(ResponseBytes<GetObjectResponse> answer) {
        try {
            return Long.parseLong(answer.asUtf8String());
        } catch (NumberFormatException e) {
            throw corrupt(epochs);
        }
    }

    private BackendException corrupt(String which) {
        return new BackendException.Corrupt(
                operation, "the object '" + which + "' was not written by this backend", null);
    }
}
