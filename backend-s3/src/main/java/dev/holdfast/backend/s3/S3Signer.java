package dev.holdfast.backend.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignRequest;
import software.amazon.awssdk.http.auth.spi.signer.AsyncSignedRequest;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;
import software.amazon.awssdk.utils.http.SdkHttpUtils;

/**
 * Signs requests without showing the session token of temporary credentials to the SDK's signer, which logs every header
 * that it signs (rule LC-02). The SDK signs as if there were no token; then the token is added, and the signature made
 * anew, as <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html">AWS
 * describes it</a>.
 */
final class S3Signer implements HttpSigner<AwsCredentialsIdentity> {
    private static final String TOKEN = "x-amz-security-token";
    private static final Pattern AUTHORIZATION =
            Pattern.compile("AWS4-HMAC-SHA256 Credential=[^/]+/([^,]+), SignedHeaders=([^,]+), Signature=[0-9a-f]{64}");

    private final AwsV4HttpSigner plain = AwsV4HttpSigner.create();

    @Override
    public SignedRequest sign(SignRequest<? extends AwsCredentialsIdentity> request) {
        if (!(request.identity() instanceof AwsSessionCredentialsIdentity session)) {
            return plain.sign(request);
        }
        SignedRequest signed = plain.sign(withoutToken(request, session));
        return signed.toBuilder().request(withToken(signed.request(), session)).build();
    }

    /** Never called: the backend's client is a blocking one. */
    @Override
    public CompletableFuture<AsyncSignedRequest> signAsync(AsyncSignRequest<? extends AwsCredentialsIdentity> request) {
        throw new UnsupportedOperationException("only blocking requests are signed");
    }

    private static SignRequest<AwsCredentialsIdentity> withoutToken(
            SignRequest<? extends AwsCredentialsIdentity> request, AwsSessionCredentialsIdentity session) {
        @SuppressWarnings("unchecked") // an identity is only read from it
        SignRequest<AwsCredentialsIdentity> general = (SignRequest<AwsCredentialsIdentity>) request;
        return general.toBuilder()
                .identity(AwsCredentialsIdentity.create(session.accessKeyId(), session.secretAccessKey()))
                .build();
    }

    private static SdkHttpRequest withToken(SdkHttpRequest signed, AwsSessionCredentialsIdentity session) {
        String before = signed.firstMatchingHeader("Authorization").orElse("");
        Matcher parts = AUTHORIZATION.matcher(before);
        String payload = signed.firstMatchingHeader("x-amz-content-sha256").orElse("");
        if (!parts.matches() || payload.isEmpty() || payload.startsWith("STREAMING-AWS4")) {
            throw new IllegalStateException("the SDK signs in a way that a session token cannot be added to");
        }
        String scope = parts.group(1);
        SortedSet<String> names = new TreeSet<>(List.of(parts.group(2).split(";", -1)));
        names.add(TOKEN);
        SdkHttpRequest.Builder next = signed.toBuilder().putHeader("X-Amz-Security-Token", session.sessionToken());
        String canonical = canonical(next.build(), names, payload);
        String toSign = String.join(
                "\n",
                "AWS4-HMAC-SHA256",
                signed.firstMatchingHeader("X-Amz-Date").orElseThrow(),
                scope,
                hex(sha256(canonical)));
        byte[] key = ("AWS4" + session.secretAccessKey()).getBytes(UTF_8);
        for (String part : scope.split("/", -1)) {
            key = hmac(key, part);
        }
        String start = before.substring(0, before.indexOf("SignedHeaders="));
        return next.putHeader(
                        "Authorization",
                        start + "SignedHeaders=" + String.join(";", names) + ", Signature=" + hex(hmac(key, toSign)))
                .build();
    }

    private static String canonical(SdkHttpRequest request, SortedSet<String> names, String payload) {
        StringBuilder text = new StringBuilder();
        String path = request.encodedPath();
        text.append(request.method()).append('\n').append(path.isEmpty() ? "/" : path);
        text.append('\n').append(query(request)).append('\n');
        for (String name : names) {
            List<String> values = request.matchingHeaders(name).stream()
                    .map(value -> value.strip().replaceAll("\\s+", " "))
                    .toList();
            text.append(name).append(':').append(String.join(",", values)).append('\n');
        }
        return text.append('\n')
                .append(String.join(";", names))
                .append('\n')
                .append(payload)
                .toString();
    }

    private static String query(SdkHttpRequest request) {
        SortedMap<String, List<String>> sorted = new TreeMap<>();
        request.forEachRawQueryParameter((name, values) -> sorted.put(
                SdkHttpUtils.urlEncode(name),
                values.stream()
                        .map(value -> value == null ? "" : SdkHttpUtils.urlEncode(value))
                        .sorted()
                        .toList()));
        List<String> all = new ArrayList<>();
        sorted.forEach((name, values) -> values.forEach(value -> all.add(name + "=" + value)));
        return String.join("&", all);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
