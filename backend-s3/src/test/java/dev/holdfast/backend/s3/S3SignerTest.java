package dev.holdfast.backend.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/** A request with a session token is signed as the SDK, which would log the token, signs it. */
class S3SignerTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-02-03T04:05:06Z"), ZoneOffset.UTC);
    private static final AwsCredentialsIdentity TEMPORARY =
            AwsSessionCredentialsIdentity.create("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", "token/with+signs==");

    private static SignRequest<AwsCredentialsIdentity> request(SdkHttpRequest plain, String body, boolean signsBody) {
        SignRequest.Builder<AwsCredentialsIdentity> request = SignRequest.builder(TEMPORARY)
                .request(plain)
                .putProperty(HttpSigner.SIGNING_CLOCK, CLOCK)
                .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-west-1")
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
                .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, signsBody);
        if (!body.isEmpty()) {
            request.payload(ContentStreamProvider.fromUtf8String(body));
        }
        return request.build();
    }

    private static void isSignedTheSame(SdkHttpRequest plain, String body) {
        for (boolean signsBody : List.of(true, false)) {
            SignRequest<AwsCredentialsIdentity> request = request(plain, body, signsBody);
            SignedRequest expected = AwsV4HttpSigner.create().sign(request);
            SignedRequest signed = new S3Signer().sign(request);
            assertThat(signed.request().firstMatchingHeader("Authorization").orElse(""))
                    .contains("x-amz-security-token");
            assertThat(signed.request().headers().entrySet())
                    .containsExactlyInAnyOrderElementsOf(
                            expected.request().headers().entrySet());
        }
    }

    private static SdkHttpRequest.Builder plain(SdkHttpMethod method, String uri) {
        return SdkHttpRequest.builder().method(method).uri(URI.create(uri));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:8080/bucket/path/d/core/key",
                "https://s3.eu-west-1.amazonaws.com/bucket/a%20b/%C3%A4%F0%9F%98%80/c%2Bd%25e~f",
                "https://bucket.s3.eu-west-1.amazonaws.com/",
                "https://bucket.s3.eu-west-1.amazonaws.com",
                "http://store/bucket?list-type=2&prefix=a%2Fb%20c%2F&delimiter=%2F&max-keys=7&start-after=%C3%A4%26%3D",
                "http://store/bucket?b=2&a=1&a=0&empty="
            })
    void addressesOfEveryKind(String uri) {
        isSignedTheSame(plain(SdkHttpMethod.GET, uri).build(), "");
    }

    @Test
    void bodiesConditionsAndHeadersWithSpaces() {
        isSignedTheSame(
                plain(SdkHttpMethod.PUT, "http://store:81/bucket/key")
                        .putHeader("If-Match", "\"0123\"")
                        .putHeader("Content-Length", "5")
                        .putHeader("x-amz-server-side-encryption", "  aws:kms \t twice ")
                        .putHeader("x-amz-meta-many", List.of("b", "a  c"))
                        .putHeader("User-Agent", "not signed")
                        .build(),
                new String("h\u00e4?!".getBytes(UTF_8), UTF_8));
    }

    @Test
    void withoutATokenNothingIsChanged() {
        AwsCredentialsIdentity fixed = AwsCredentialsIdentity.create("AKIDEXAMPLE", "secret");
        SignRequest<AwsCredentialsIdentity> request =
                request(plain(SdkHttpMethod.GET, "http://store/bucket/key").build(), "", true).toBuilder()
                        .identity(fixed)
                        .build();
        assertThat(new S3Signer().sign(request).request().headers())
                .isEqualTo(AwsV4HttpSigner.create().sign(request).request().headers());
    }
}
