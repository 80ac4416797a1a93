package dev.holdfast.backend.s3;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * The SDK's client, and the threads that its blocking requests run on: some for data, and others for locks, so that a
 * load of data does not keep a lease from being renewed.
 *
 * <p>The SDK's own retries are off. They would send a write again whose first copy may still be on its way, and turn a
 * success into a conflict with itself.
 */
final class S3Client implements AutoCloseable {
    /** The SDK rounds down to milliseconds, and takes a bound of none for no bound. */
    private static final long SHORTEST_BOUND = TimeUnit.MILLISECONDS.toNanos(1);

    private static final int LOCK_THREADS = 16;
    private static final long FIRST_PAUSE = Duration.ofMillis(20).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofMillis(500).toNanos();

    /**
     * The part of the time for a request that the last repetition must have left: a refusal that is known is worth
     * more than an outcome that the deadline made unknown.
     */
    private static final int ROOM = 20;

    /** What a request is about. */
    enum Lane {
        DATA,
        LOCKS
    }

    /** A blocking request. */
    interface Request<T extends @Nullable Object> {
        /** Sends it once, to be cut off as {@code bound} says. */
        T send(software.amazon.awssdk.services.s3.S3Client s3, AwsRequestOverrideConfiguration bound);
    }

    private final Duration timeout;
    private final S3Credentials credentials;
    private final S3Http http;
    private final software.amazon.awssdk.services.s3.S3Client s3;
    private final S3Lane data;
    private final S3Lane locks;

    /** @throws SdkException when no region is given and none can be found */
    S3Client(S3Options options) {
        // A little less than the caller waits, so that the caller learns whether the request was sent.
        Duration bound = options.requestTimeout();
        Duration head = bound.dividedBy(10);
        timeout = bound.minus(head.toMillis() > 50 ? Duration.ofMillis(50) : head);
        credentials = new S3Credentials(options);
        data = new S3Lane("holdfast-s3-data", options.maxParallel());
        locks = new S3Lane("holdfast-s3-locks", LOCK_THREADS);
        http = new S3Http(options.maxParallel() + LOCK_THREADS, options.requestTimeout());
        boolean built = false;
        try {
            s3 = build(options, credentials, http);
            built = true;
        } finally {
            if (!built) {
                http.close();
                credentials.close();
            }
        }
    }

    private static software.amazon.awssdk.services.s3.S3Client build(
            S3Options options, AwsCredentialsProvider credentials, S3Http http) {
        boolean checksums = options.checksumsAlways();
        S3ClientBuilder builder = software.amazon.awssdk.services.s3.S3Client.builder()
                .credentialsProvider(credentials)
                .forcePathStyle(options.pathStyle())
                // Bodies are small and in memory: one signature before them is less than one for each chunk.
                .serviceConfiguration(service -> service.chunkedEncodingEnabled(false))
                .requestChecksumCalculation(
                        checksums
                                ? RequestChecksumCalculation.WHEN_SUPPORTED
                                : RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(
                        checksums
                                ? ResponseChecksumValidation.WHEN_SUPPORTED
                                : ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(override -> {
                    override.retryStrategy(retries -> retries.maxAttempts(1));
                    override.addExecutionInterceptor(new S3Xml());
                    options.profile().ifPresent(override::defaultProfileName); // its region, too
                })
                .disableS3ExpressSessionAuth(true)
                .putAuthScheme(new S3AuthScheme())
                .httpClient(http);
        options.region().ifPresent(name -> builder.region(Region.of(name)));
        options.endpoint().ifPresent(endpoint -> builder.endpointOverride(URI.create(endpoint.toString())));
        return builder.build();
    }

    /** The bound of a call for which the caller waits. */
    Duration timeout() {
        return timeout;
    }

    /** When a call that begins now must be over, on {@link System#nanoTime()}. */
    long end() {
        return System.nanoTime() + timeout.toNanos();
    }

    /** Sends a harmless request, again and again until {@code end} where that may help. */
    <T extends @Nullable Object> CompletableFuture<T> read(Lane lane, long end, Request<T> request) {
        return start(lane, end, request, S3Errors::isPassing);
    }

    /** Sends a request that changes something; again only when the store has certainly not acted on it. */
    <T extends @Nullable Object> CompletableFuture<T> write(Lane lane, long end, Request<T> request) {
        return start(lane, end, request, S3Errors::isRefused);
    }

    private <T extends @Nullable Object> CompletableFuture<T> start(
            Lane lane, long end, Request<T> request, Predicate<Throwable> again) {
        return S3Call.start(lane == Lane.DATA ? data : locks, () -> send(end, request, again));
    }

    private <T extends @Nullable Object> T send(long end, Request<T> request, Predicate<Throwable> again)
            throws InterruptedException {
        long pause = FIRST_PAUSE;
        while (true) {
            long left = end - System.nanoTime();
            if (left < SHORTEST_BOUND) {
                throw new S3Failures.NotSent(
                        "its time was over before it was sent: max_parallel requests, or its own earlier ones, took it");
            }
            long sent = System.nanoTime();
            try {
                Duration bound = Duration.ofNanos(left);
                return request.send(
                        s3,
                        AwsRequestOverrideConfiguration.builder()
                                .apiCallTimeout(bound)
                                .build());
            } catch (RuntimeException e) {
                long wait = pause / 2 + ThreadLocalRandom.current().nextLong(pause);
                long now = System.nanoTime();
                long room = Math.max(2 * (now - sent), timeout.toNanos() / ROOM);
                if (!again.test(e) || S3Errors.isUntrusted(e) || S3Call.isGivenUp() || end - now <= wait + room) {
                    throw e;
                }
                TimeUnit.NANOSECONDS.sleep(wait);
                pause = Math.min(2 * pause, LONGEST_PAUSE);
            }
        }
    }

    /** Cuts off every request and frees connections and threads. */
    @Override
    public void close() {
        data.close();
        locks.close();
        s3.close();
        http.close();
        credentials.close();
    }
}
