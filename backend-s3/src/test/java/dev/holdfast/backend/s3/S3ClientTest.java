package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.backend.s3.FakeS3.Flaw;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a request that the store answers with an error. */
class S3ClientTest {
    private static final Key KEY = Key.of("core/key");
    private static final Entry ENTRY = Entry.of(KEY, new byte[] {1});

    private FakeS3 store;
    private Backend backend;

    @BeforeAll
    static void sendOnce() {
        try (FakeS3 store = new FakeS3(Flaw.NONE);
                Backend first = open(store, "30s")) {
            first.put(ENTRY); // what only a JVM's first one does takes long
        }
    }

    @BeforeEach
    void open() {
        store = new FakeS3(Flaw.HAS_NO_304);
        backend = open(store, "15s");
    }

    private static Backend open(FakeS3 store, String requestTimeout) {
        Map<String, String> options = new HashMap<>(store.options());
        options.put("ha_enabled", "false");
        options.put("request_timeout", requestTimeout);
        return Backends.load().open("s3", options);
    }

    @AfterEach
    void close() {
        backend.close();
        store.close();
    }

    @Test
    void aThrottledWriteIsSentAgain() {
        store.refuse(3, 503, "SlowDown");
        backend.put(ENTRY);
        assertThat(store.requests()).isEqualTo(4);
        assertThat(backend.get(KEY)).contains(ENTRY);
    }

    @Test
    void throttlingForTooLongIsUnavailableInTimeAndHardlyAddsToTheLoad() {
        store.refuse(Integer.MAX_VALUE, 503, "SlowDown");
        try (Backend hurried = open(store, "2s")) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> hurried.put(ENTRY))
                    .isInstanceOf(BackendException.Unavailable.class)
                    .hasMessageContaining("503 SlowDown");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        }
        assertThat(store.requests()).isBetween(2, 20);
    }

    /** The deadline would cut the last one off, and nobody would know whether it had been applied. */
    @Test
    void aSlowlyThrottledWriteIsNotSentOnceMoreShortBeforeItsDeadline() {
        store.refuseSlowly(Duration.ofMillis(1_800), Integer.MAX_VALUE, 503, "SlowDown");
        try (Backend hurried = open(store, "6s")) {
            assertThatThrownBy(() -> hurried.put(ENTRY))
                    .isInstanceOf(BackendException.Unavailable.class)
                    .hasMessageContaining("503 SlowDown");
        }
    }

    /** The SDK rounds a bound to milliseconds and takes none for no bound at all. */
    @Test
    void whatHasNoMillisecondLeftIsNotSentWithoutABound() {
        store.refuseSlowly(Duration.ofSeconds(5), Integer.MAX_VALUE, 503, "SlowDown");
        try (S3Client client = new S3Client(S3Options.of(
                S3Options.SCHEMA.parse("backend 's3'", new HashMap<>(store.options()), variable -> null)))) {
            for (int i = 0; i < 5; i++) {
                CompletableFuture<?> late = client.read(
                        S3Client.Lane.LOCKS,
                        System.nanoTime() + 900_000,
                        (s3, bound) -> s3.headBucket(head -> head.bucket("fake").overrideConfiguration(bound)));
                assertThatThrownBy(() -> late.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(S3Failures.NotSent.class);
            }
        }
    }

    @Test
    void aWriteThatFailedSomehowIsNotSentAgain() {
        store.refuse(1, 500, "InternalError");
        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(BackendException.OutcomeUnknown.class);
        assertThat(store.requests()).isEqualTo(1);
    }

    @Test
    void aReadThatFailedSomehowIsSentAgain() {
        backend.put(ENTRY);
        store.refuse(2, 500, "InternalError");
        assertThat(backend.get(KEY)).contains(ENTRY);
    }

    @Test
    void aMissingBucketIsNamedAndNeverAbsence() {
        store.refuse(Integer.MAX_VALUE, 404, "NoSuchBucket");
        assertThatThrownBy(() -> backend.get(KEY))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("the bucket 'fake' does not exist");
        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(BackendException.Unavailable.class);
        assertThatThrownBy(() -> backend.delete(KEY)).isInstanceOf(BackendException.Unavailable.class);
    }

    /** Of a gateway that does not know the store, or at a wrong address. */
    @Test
    void a404OfSomethingElseIsNeverAbsence() {
        store.refuse(Integer.MAX_VALUE, 404, "");
        assertThatThrownBy(() -> backend.get(KEY))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("check the option endpoint");
        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(BackendException.Unavailable.class);
        assertThatThrownBy(() -> backend.delete(KEY)).isInstanceOf(BackendException.Unavailable.class);
    }

    /** The store's answer repeats the key, and is no XML then. */
    @Test
    void aKeyWithACharacterThatXmlDoesNotAllowIsAbsentAsOthers() {
        assertThat(backend.get(Key.of("core/\uFFFE"))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "301, PermanentRedirect",
        "307, TemporaryRedirect",
        "400, AuthorizationHeaderMalformed",
        "400, IllegalLocationConstraintException"
    })
    void anotherRegionIsNamed(int status, String code) {
        store.refuse(Integer.MAX_VALUE, status, code);
        assertThatThrownBy(() -> backend.get(KEY))
                .isInstanceOf(BackendException.InvalidRequest.class)
                .hasMessageContaining("it is in eu-central-1: set the option region")
                .hasMessageContaining("S3 says " + status + " " + code + ": as asked");
        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(BackendException.InvalidRequest.class);
    }

    @Test
    void missingPermissionIsAccessDenied() {
        store.refuse(Integer.MAX_VALUE, 403, "AccessDenied");
        assertThatThrownBy(() -> backend.get(KEY)).isInstanceOf(BackendException.AccessDenied.class);
        assertThatThrownBy(() -> backend.put(ENTRY)).isInstanceOf(BackendException.AccessDenied.class);
    }
}
