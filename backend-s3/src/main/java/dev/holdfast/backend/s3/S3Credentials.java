package dev.holdfast.backend.s3;

import dev.holdfast.spi.config.Secret;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Where the credentials come from. When there are none, it tells why: nothing says where to get them, or who was asked
 * refused, which somebody has to mend; or who was asked could not be reached, which passes.
 */
final class S3Credentials implements AwsCredentialsProvider, AutoCloseable {
    private final AwsCredentialsProvider source;

    /** Whether the source tells only what its parts said, and not what kept them from answering. */
    private final boolean chained;

    private volatile boolean had;

    S3Credentials(S3Options options) {
        chained = options.keys().isEmpty() && options.profile().isEmpty();
        source = options.keys()
                .map(S3Credentials::fixed)
                .or(() -> options.profile().map(ProfileCredentialsProvider::create))
                .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    }

    private static AwsCredentialsProvider fixed(S3Options.Keys keys) {
        String secret = keys.secretKey().reveal();
        return StaticCredentialsProvider.create(keys.sessionToken()
                .map(Secret::reveal)
                .<AwsCredentials>map(token -> AwsSessionCredentials.create(keys.accessKey(), secret, token))
                .orElseGet(() -> AwsBasicCredentials.create(keys.accessKey(), secret)));
    }

    @Override
    public AwsCredentials resolveCredentials() {
        try {
            AwsCredentials found = source.resolveCredentials();
            had = true;
            return found;
        } catch (RuntimeException e) {
            RuntimeException reason =
                    chained && e.getCause() == null ? ofConfigured().orElse(e) : e;
            Optional<SdkServiceException> answer = answer(reason);
            if (answer.isPresent()) {
                String said = said(answer.get());
                throw isPassing(answer.get())
                        ? new S3Failures.NoCredentialsNow(said)
                        : new S3Failures.NoCredentials(said, null);
            }
            if (had || isOutage(reason)) {
                throw new S3Failures.NoCredentialsNow(reason);
            }
            throw new S3Failures.NoCredentials("set access_key and secret_key, or profile", reason);
        }
    }

    /** Why the part of the SDK's chain that was configured has no credentials; one that was not is none's concern. */
    private static Optional<RuntimeException> ofConfigured() {
        if (isSet(SdkSystemSetting.AWS_WEB_IDENTITY_TOKEN_FILE)) {
            try (WebIdentityTokenFileCredentialsProvider web = WebIdentityTokenFileCredentialsProvider.create()) {
                return failure(web);
            }
        }
        if (isSet(SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_FULL_URI)
                || isSet(SdkSystemSetting.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)) {
            try (ContainerCredentialsProvider container = ContainerCredentialsProvider.create()) {
                return failure(container);
            }
        }
        return Optional.empty();
    }

    private static boolean isSet(SdkSystemSetting setting) {
        return setting.getStringValue().isPresent();
    }

    private static Optional<RuntimeException> failure(AwsCredentialsProvider part) {
        try {
            var unused = part.resolveCredentials();
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(e);
        }
    }

    private static List<Throwable> causes(Throwable failure) {
        List<Throwable> all = new ArrayList<>();
        for (@Nullable Throwable each = failure; each != null && all.size() < 20; each = each.getCause()) {
            all.add(each);
        }
        return all;
    }

    /** What a service that gives credentials answered instead; a refusal, if there is one among several answers. */
    private static Optional<SdkServiceException> answer(Throwable failure) {
        return causes(failure).stream()
                .filter(SdkServiceException.class::isInstance)
                .map(SdkServiceException.class::cast)
                .min(Comparator.comparing(S3Credentials::isPassing));
    }

    /** Who answered, and how; never in its own words, which may name a token and may be a page of some proxy. */
    private static String said(SdkServiceException answer) {
        AwsErrorDetails details = answer instanceof AwsServiceException known ? known.awsErrorDetails() : null;
        String service = details == null ? null : details.serviceName();
        String code = details == null ? null : details.errorCode();
        return "who gives them" + (service == null ? "" : ", " + service.toUpperCase(Locale.ROOT) + ",") + " says "
                + answer.statusCode() + (code == null ? "" : " " + code);
    }

    private static boolean isPassing(SdkServiceException answer) {
        return answer.statusCode() >= 500 || answer.statusCode() == 429 || answer.isThrottlingException();
    }

    private static boolean isOutage(Throwable failure) {
        return causes(failure).stream()
                .anyMatch(cause -> cause instanceof ApiCallTimeoutException
                        || cause instanceof ApiCallAttemptTimeoutException
                        || cause instanceof AbortedException
                        || (cause instanceof IOException
                                && !(cause instanceof FileSystemException)
                                && !(cause instanceof FileNotFoundException)));
    }

    @Override
    public void close() {
        if (source instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }
}
