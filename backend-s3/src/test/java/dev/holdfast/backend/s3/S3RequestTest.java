package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import dev.holdfast.backend.s3.FakeS3.Flaw;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What options make of the requests that are sent. */
class S3RequestTest {
    private final FakeS3 store = new FakeS3(Flaw.NONE);

    @AfterEach
    void close() {
        store.close();
    }

    private Backend open(String... more) {
        Map<String, String> options = new HashMap<>(store.options());
        options.put("ha_enabled", "false");
        options.put("request_timeout", "15s");
        for (int i = 0; i < more.length; i += 2) {
            options.put(more[i], more[i + 1]);
        }
        return Backends.load().open("s3", options);
    }

    private FakeS3.Call put(String... options) {
        try (Backend backend = open(options)) {
            backend.put(Entry.of(Key.of("key"), new byte[] {1}));
        }
        return store.calls().get(store.calls().size() - 1);
    }

    @Test
    void encryptionIsAskedForAsConfigured() {
        Headers usual = put().headers();
        assertThat(usual.getFirst("x-amz-server-side-encryption")).isNull();
        assertThat(put("sse", "aes256").headers().getFirst("x-amz-server-side-encryption"))
                .isEqualTo("AES256");
        Headers kms = put("sse", "aws:kms", "kms_key_id", "our-key").headers();
        assertThat(kms.getFirst("x-amz-server-side-encryption")).isEqualTo("aws:kms");
        assertThat(kms.getFirst("x-amz-server-side-encryption-aws-kms-key-id")).isEqualTo("our-key");
    }

    @Test
    void aSessionTokenIsSentAndSigned() {
        Headers headers = put("session_token", "temporary").headers();
        assertThat(headers.getFirst("x-amz-security-token")).isEqualTo("temporary");
        assertThat(headers.getFirst("Authorization")).contains("x-amz-security-token");
    }

    @Test
    void aChecksumIsSentUnlessOnlyWhatS3AsksForIsWanted() {
        assertThat(put("checksums", "when_supported").headers().getFirst("x-amz-checksum-crc32"))
                .isEqualTo("pQXfGw=="); // of one byte 1
        assertThat(put("checksums", "when_required").headers().keySet())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("x-amz-checksum"));
    }

    @Test
    void theRegionIsTheOneThatIsGiven() {
        assertThat(put().headers().getFirst("Authorization")).contains("/us-east-1/s3/aws4_request");
        assertThat(put("region", "eu-west-3").headers().getFirst("Authorization"))
                .contains("/eu-west-3/s3/aws4_request");
    }

    @Test
    void theBucketStandsInThePathOrInTheHostName() {
        assertThat(put().path()).isEqualTo("/fake/holdfast/d/key");
        assertThatThrownBy(() -> put("endpoint", "http://store.invalid:1", "path_style", "false"))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("UnknownHostException: fake.store.invalid");
    }

    @Test
    void noMoreRequestsThanMaxParallelRunAtOnce() throws Exception {
        try (Backend backend = open("max_parallel", "2")) {
            List<FakeS3.Gate> gates = IntStream.range(0, 3)
                    .mapToObj(i -> store.holdRequest(call -> call.path().endsWith("/" + i)))
                    .toList();
            List<CompletableFuture<Void>> puts = IntStream.range(0, 3)
                    .mapToObj(i -> CompletableFuture.runAsync(
                            () -> backend.put(Entry.of(Key.of("" + i), new byte[1])), task -> new Thread(task).start()))
                    .toList();
            while (store.requests() < 2) {
                Thread.sleep(1);
            }
            Thread.sleep(100); // a third one would have come
            assertThat(store.requests()).isEqualTo(2);
            gates.forEach(FakeS3.Gate::open);
            CompletableFuture.allOf(puts.toArray(CompletableFuture<?>[]::new)).get();
            assertThat(store.requests()).isEqualTo(3);
        }
    }
}
