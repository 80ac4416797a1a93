package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.backend.s3.FakeS3.Flaw;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom an instance asks for credentials, and what it makes of it when there are none. */
class S3CredentialsTest {
    private static final Entry ENTRY = Entry.of(Key.of("key"), new byte[] {1});

    /** An outage lasts for as long as a call may take. */
    private static final Map<String, String> SHORT = Map.of("request_timeout", "3s");

    private final FakeS3 store = new FakeS3(Flaw.NONE);
    private final Map<String, String> before = new HashMap<>();

    @TempDir
    private Path files;

    @BeforeEach
    void nothingOfThisMachine() {
        set("aws.configFile", files.resolve("config").toString());
        set("aws.sharedCredentialsFile", files.resolve("credentials").toString());
        set("aws.disableEc2Metadata", "true");
    }

    @AfterEach
    void restore() {
        before.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
        store.close();
    }

    private void set(String name, String value) {
        before.putIfAbsent(name, System.getProperty(name));
        System.setProperty(name, value);
    }

    private Backend open(Map<String, String> more) {
        Map<String, String> options = new HashMap<>(store.options());
        options.remove("access_key");
        options.remove("secret_key");
        options.put("ha_enabled", "false");
        options.put("request_timeout", "60s");
        options.putAll(more);
        return Backends.load().open("s3", options);
    }

    @Test
    void aProfileGivesTheCredentialsAndTheRegion() throws Exception {
        String endpoint = store.options().get("endpoint");
        Files.writeString(
                files.resolve("config"),
                "[profile ours]\nregion = eu-west-3\nendpoint_url = " + endpoint
                        + "\naws_access_key_id = AKOURS\naws_secret_access_key = hidden\n");
        Map<String, String> options =
                Map.of("bucket", "fake", "profile", "ours", "ha_enabled", "false", "request_timeout", "60s");
        try (Backend backend = Backends.load().open("s3", options)) {
            backend.put(ENTRY);
        }
        assertThat(store.calls().get(0).headers().getFirst("Authorization"))
                .contains("Credential=AKOURS/")
                .contains("/eu-west-3/s3/aws4_request");
    }

    @Test
    void systemPropertiesGiveThem() {
        set("aws.accessKeyId", "AKPROPERTY");
        set("aws.secretAccessKey", "hidden");
        try (Backend backend = open(Map.of())) {
            backend.put(ENTRY);
        }
        assertThat(store.calls().get(0).headers().getFirst("Authorization")).contains("Credential=AKPROPERTY/");
    }

    @Test
    void aWebIdentityIsExchangedForTemporaryOnesWhoseTokenIsSentAndSigned() throws Exception {
        try (FakeSts sts = new FakeSts()) {
            webIdentity(sts.address());
            try (Backend backend = open(Map.of())) {
                backend.put(ENTRY);
                assertThat(backend.get(ENTRY.key())).contains(ENTRY);
            }
            assertThat(sts.asked())
                    .singleElement()
                    .asString()
                    .contains("Action=AssumeRoleWithWebIdentity", "WebIdentityToken=secret-token", "role%2Fours");
        }
        assertThat(store.calls()).hasSize(2).allSatisfy(call -> {
            assertThat(call.headers().getFirst("x-amz-security-token")).isEqualTo(FakeSts.TOKEN);
            assertThat(call.headers().getFirst("Authorization"))
                    .contains("Credential=" + FakeSts.ACCESS_KEY + "/")
                    .contains("x-amz-security-token");
        });
    }

    @Test
    void noCredentialsAnywhereAreAccessDenied() {
        try (Backend backend = open(Map.of())) {
            assertThatThrownBy(() -> backend.get(ENTRY.key()))
                    .isInstanceOf(BackendException.AccessDenied.class)
                    .hasMessageContaining("no credentials were found: set access_key and secret_key, or profile");
        }
        assertThat(store.requests()).isZero();
    }

    private void webIdentity(String sts) throws Exception {
        set(
                "aws.webIdentityTokenFile",
                Files.writeString(files.resolve("token"), "secret-token").toString());
        set("aws.roleArn", "arn:aws:iam::123456789012:role/ours");
        set("aws.roleSessionName", "ours");
        set("aws.region", "us-east-1");
        set("aws.endpointUrlSts", sts);
    }

    @Test
    void aServiceOfCredentialsThatCannotBeReachedIsAnOutageAndNothingWasSent() throws Exception {
        loadTheClientOfSts();
        try (FakeS3 gone = new FakeS3(Flaw.NONE)) {
            webIdentity(gone.options().get("endpoint"));
        }
        try (Backend backend = open(SHORT)) {
            assertThatThrownBy(() -> backend.put(ENTRY))
                    .isInstanceOf(BackendException.Unavailable.class)
                    .hasMessageContaining("who gives the credentials did not answer");
        }
        assertThat(store.requests()).isZero();
    }

    @Test
    void aServiceOfCredentialsThatRefusesIsAccessDenied() throws Exception {
        try (FakeS3 sts = new FakeS3(Flaw.NONE)) {
            sts.refuse(Integer.MAX_VALUE, 403, "AccessDenied");
            webIdentity(sts.options().get("endpoint"));
            try (Backend backend = open(Map.of())) {
                assertThatThrownBy(() -> backend.get(ENTRY.key()))
                        .isInstanceOf(BackendException.AccessDenied.class)
                        .hasMessageContaining("who gives them, STS, says 403 AccessDenied")
                        .hasMessageNotContaining("secret-token");
            }
        }
    }

    /** Its thousands of classes are no part of the little time that a call has next. */
    private void loadTheClientOfSts() throws Exception {
        try (FakeS3 sts = new FakeS3(Flaw.NONE)) {
            sts.refuse(Integer.MAX_VALUE, 403, "AccessDenied");
            webIdentity(sts.options().get("endpoint"));
            try (Backend backend = open(Map.of())) {
                assertThatThrownBy(() -> backend.get(ENTRY.key())).isInstanceOf(BackendException.class);
            }
        }
    }

    @Test
    void aServiceOfCredentialsThatCannotNowIsAnOutageToldWithoutItsWords() throws Exception {
        loadTheClientOfSts();
        try (FakeS3 sts = new FakeS3(Flaw.NONE)) {
            sts.refuse(Integer.MAX_VALUE, 503, "ServiceUnavailable");
            webIdentity(sts.options().get("endpoint"));
            try (Backend backend = open(SHORT)) {
                assertThatThrownBy(() -> backend.put(ENTRY))
                        .isInstanceOf(BackendException.Unavailable.class)
                        .hasMessageContaining("STS, says 503 ServiceUnavailable")
                        .satisfies(failure -> assertThat(stackTrace(failure)).doesNotContain("as asked"));
            }
        }
        assertThat(store.requests()).isZero();
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
