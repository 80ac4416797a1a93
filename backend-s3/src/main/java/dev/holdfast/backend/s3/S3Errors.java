package dev.holdfast.backend.s3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.ErrorMapping;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What the failures of S3 and of the SDK mean. */
final class S3Errors implements ErrorMapping {
    /** Refused before anything was done, and asked to come back later. */
    private static final Set<String> THROTTLED = Set.of(
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "RequestLimitExceeded",
            "TooManyRequests",
            "TooManyRequestsException");

    /** Signed with a clock that was stepped; the SDK has taken note of the store's time and signs the next one with it. */
    private static final Set<String> SKEWED = Set.of("RequestTimeTooSkewed", "RequestExpired");

    private static final Set<String> OTHER_REGION = Set.of(
            "PermanentRedirect",
            "TemporaryRedirect",
            "AuthorizationHeaderMalformed",
            "IllegalLocationConstraintException",
            "IncorrectEndpoint");

    private static final Set<String> ACCESS = Set.of("ExpiredToken", "InvalidToken", "InvalidClientTokenId");

    /** The store did not begin to write: the two requests met at its door. */
    private static final Set<String> CONFLICT = Set.of("OperationAborted", "ConditionalRequestConflict");

    private static final String NO_SUCH_KEY = "NoSuchKey";

    private static final Pattern CODE = Pattern.compile("<Error>\\s*<Code>(\\w+)</Code>");

    private final String bucket;

    S3Errors(String bucket) {
        this.bucket = bucket;
    }

    @Override
    public BackendException map(Operation operation, Throwable failure, boolean write) {
        Optional<S3Failures.NoCredentials> lacking = find(failure, S3Failures.NoCredentials.class);
        if (lacking.isPresent()) {
            return new BackendException.AccessDenied(
                    operation, String.valueOf(lacking.get().getMessage()), failure);
        }
        Optional<S3Exception> answer = find(failure, S3Exception.class);
        if (answer.isPresent()) {
            return answered(operation, answer.get(), write);
        }
        String detail = describe(failure);
        return write
                        && !isNotSent(failure)
                        && find(failure, S3Failures.Contradiction.class).isEmpty()
                ? new BackendException.OutcomeUnknown(operation, detail, failure)
                : new BackendException.Unavailable(operation, detail, failure);
    }

    private BackendException answered(Operation operation, S3Exception answer, boolean write) {
        String code = code(answer);
        String detail = ("S3 says " + answer.statusCode() + " " + code).strip();
        if (code.equals("NoSuchBucket")) {
            return new BackendException.Unavailable(
                    operation,
                    "the bucket '" + bucket + "' does not exist: create it, or correct the option bucket",
                    answer);
        }
        if (answer.statusCode() == 404 && !code.equals(NO_SUCH_KEY)) {
            return new BackendException.Unavailable(
                    operation,
                    detail + message(answer)
                            + "; no S3 says so of an object, so this may be something else that answers"
                            + " at this address: check the option endpoint",
                    answer);
        }
        if (OTHER_REGION.contains(code) || answer.statusCode() == 301) {
            String region = header(answer, "x-amz-bucket-region")
                    .map(name -> ", it is in " + name)
                    .orElse("");
            return new BackendException.InvalidRequest(
                    operation,
                    "the bucket '" + bucket + "' is not in this region" + region + ": set the option region (" + detail
                            + message(answer) + ")");
        }
        boolean refused = isRefused(answer);
        if (!refused && (answer.statusCode() == 403 || answer.statusCode() == 401 || ACCESS.contains(code))) {
            return new BackendException.AccessDenied(operation, detail, answer);
        }
        if (answer.statusCode() < 500 && !refused && !isTimeout(answer)) {
            return new BackendException.InvalidRequest(operation, detail + message(answer));
        }
        return write && !refused
                ? new BackendException.OutcomeUnknown(operation, detail, answer)
                : new BackendException.Unavailable(operation, detail, answer);
    }

    /** Whether it is certain that the store has not done and will not do what it was asked, and may do so later. */
    static boolean isRefused(Throwable failure) {
        Optional<S3Exception> answer = find(failure, S3Exception.class);
        return answer.map(S3Errors::isRefused).orElseGet(() -> isNotSent(failure));
    }

    private static boolean isRefused(S3Exception answer) {
        return answer.statusCode() == 429
                || THROTTLED.contains(code(answer))
                || SKEWED.contains(code(answer))
                || (answer.statusCode() == 409 && CONFLICT.contains(code(answer)));
    }

    /** Whether repeating a harmless request may help. */
    static boolean isPassing(Throwable failure) {
        if (find(failure, S3Failures.NoCredentials.class).isPresent()) {
            return false;
        }
        Optional<S3Exception> answer = find(failure, S3Exception.class);
        return answer.map(found -> found.statusCode() >= 500 || isTimeout(found) || isRefused(found))
                .orElse(true);
    }

    /** Whether the store's certificate is not trusted, or not for its name: asking again does not change that. */
    static boolean isUntrusted(Throwable failure) {
        return find(failure, CertificateException.class).isPresent();
    }

    /** Whether the store answered that something went wrong, which says nothing about what was done. */
    static boolean isConfused(Throwable failure) {
        return find(failure, S3Exception.class)
                .filter(answer -> answer.statusCode() >= 500 && answer.statusCode() != 501 && !isRefused(answer))
                .isPresent();
    }

    /** S3's 404 for one object, which is an answer. Any other 404 says that the question did not get there. */
    static boolean isAbsent(Throwable failure) {
        return find(failure, S3Exception.class)
                .filter(answer -> answer.statusCode() == 404 && code(answer).equals(NO_SUCH_KEY))
                .isPresent();
    }

    /** Whether the store says that it does not have what a request makes use of. */
    static boolean isNotImplemented(Throwable failure) {
        return find(failure, S3Exception.class)
                .filter(answer -> answer.statusCode() == 501 || code(answer).equals("NotImplemented"))
                .isPresent();
    }

    /** Whether the store finds fault with a request, and does not say that it is its time, its signer or its region. */
    static boolean isDisliked(Throwable failure) {
        return find(failure, S3Exception.class)
                .filter(answer -> answer.statusCode() == 400 || answer.statusCode() == 405)
                .filter(answer -> !isTimeout(answer) && !isRefused(answer))
                .filter(answer -> !ACCESS.contains(code(answer)) && !OTHER_REGION.contains(code(answer)))
                .isPresent();
    }

    /** What the store answered, for a person. */
    static String answer(Throwable failure) {
        return find(failure, S3Exception.class)
                .map(answer -> (answer.statusCode() + " " + code(answer)).strip())
                .orElseGet(() -> describe(failure));
    }

    /** Whether S3 answered with this status. */
    static boolean isStatus(Throwable failure, int status) {
        return find(failure, S3Exception.class)
                .filter(answer -> answer.statusCode() == status)
                .isPresent();
    }

    private static boolean isNotSent(Throwable failure) {
        return find(failure, S3Failures.NotSent.class).isPresent()
                || find(failure, S3Failures.NoCredentialsNow.class).isPresent()
                || find(failure, ConnectException.class).isPresent()
                || find(failure, UnknownHostException.class).isPresent()
                || find(failure, NoRouteToHostException.class).isPresent()
                || find(failure, SSLHandshakeException.class).isPresent();
    }

    /** The connection was too slow to bring the request. */
    private static boolean isTimeout(S3Exception answer) {
        return code(answer).equals("RequestTimeout");
    }

    private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
        @Nullable Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 20; depth++, cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }

    private static String code(S3Exception answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        if (details == null) {
            return "";
        }
        return details.errorCode() == null ? rawCode(details) : details.errorCode();
    }

    /** Of an answer that is no XML, because it repeats a key with a character that XML does not allow. */
    private static String rawCode(AwsErrorDetails details) {
        if (details.rawResponse() == null) {
            return "";
        }
        Matcher code = CODE.matcher(details.rawResponse().asString(ISO_8859_1));
        return code.find() ? code.group(1) : "";
    }

    private static String message(S3Exception answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        String text = details == null ? null : details.errorMessage();
        return text == null || text.isEmpty() ? "" : ": " + text;
    }

    private static Optional<String> header(S3Exception answer, String name) {
        AwsErrorDetails details = answer.awsErrorDetails();
        return details == null || details.sdkHttpResponse() == null
                ? Optional.empty()
                : details.sdkHttpResponse().firstMatchingHeader(name);
    }

    /** One line for a person; what the SDK wraps around the cause says nothing. */
    private static String describe(Throwable failure) {
        return find(failure, S3Failures.NoCredentialsNow.class)
                .map(outage -> outage.getMessage() + (outage.getCause() == null ? "" : ": " + reason(outage)))
                .orElseGet(() -> reason(failure));
    }

    private static String reason(Throwable failure) {
        if (find(failure, ApiCallTimeoutException.class).isPresent()
                || find(failure, ApiCallAttemptTimeoutException.class).isPresent()) {
            return "no answer in time";
        }
        Optional<S3Failures.Told> told = find(failure, S3Failures.Told.class);
        if (told.isPresent()) {
            return String.valueOf(told.get().getMessage());
        }
        Throwable root = failure;
        for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
            root = root.getCause();
        }
        return root.toString().lines().findFirst().orElse("");
    }
}
