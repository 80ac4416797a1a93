package dev.holdfast.backend.s3;

import dev.holdfast.backend.s3.S3Client.Lane;
import dev.holdfast.spi.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** What is asked of a bucket. */
final class S3Objects {
    private static final int PAGE = 1_000;

    private final S3Client client;
    private final String bucket;
    private final S3Options.Encryption encryption;

    S3Objects(S3Client client, S3Options options) {
        this.client = client;
        this.bucket = options.bucket();
        this.encryption = options.encryption();
    }

    /** Reads an object, empty when there is none. Never {@code HEAD}, whose 404 does not tell what is missing. */
    CompletableFuture<Optional<ResponseBytes<GetObjectResponse>>> get(Lane lane, String object, long end) {
        return client.read(lane, end, (s3, bound) -> {
            try {
                return Optional.of(s3.getObject(
                        get -> get.bucket(bucket).key(object).overrideConfiguration(bound),
                        ResponseTransformer.toBytes()));
            } catch (S3Exception e) {
                if (S3Errors.isAbsent(e)) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    /** Writes an object whatever is there. */
    CompletableFuture<PutObjectResponse> put(Lane lane, String object, byte[] bytes, long end) {
        return client.write(
                lane, end, (s3, bound) -> s3.putObject(putting(object, bound).build(), RequestBody.fromBytes(bytes)));
    }

    /** The ETag of an answer whose object is written or read for a lock, where nothing can be done without. */
    static String etag(@Nullable String given) {
        if (given == null) {
            throw new S3Failures.NoETag();
        }
        return given;
    }

    private PutObjectRequest.Builder putting(String object, AwsRequestOverrideConfiguration bound) {
        PutObjectRequest.Builder put = PutObjectRequest.builder()
                .bucket(bucket)
                .key(object)
                .contentType("application/octet-stream")
                .overrideConfiguration(bound);
        encryption.kind().ifPresent(kind -> put.serverSideEncryption(kind.equals("aes256") ? "AES256" : kind));
        encryption.kmsKey().ifPresent(put::ssekmsKeyId);
        return put;
    }

    /** Deletes an object, or finds that there is none. */
    CompletableFuture<Boolean> delete(Lane lane, String object, long end) {
        return client.write(lane, end, (s3, bound) -> {
            try {
                s3.deleteObject(delete -> delete.bucket(bucket).key(object).overrideConfiguration(bound));
            } catch (S3Exception e) {
                if (!S3Errors.isAbsent(e)) {
                    throw e;
                }
            }
            return true;
        });
    }

    /**
     * Writes an object if it is still as it was.
     *
     * @param etag as it was; null when there was none
     * @return the new ETag; empty when it was not as it was
     */
    CompletableFuture<Optional<String>> swap(
            String object, @Nullable String etag, S3Quirks.Form form, byte[] bytes, long end) {
        return swap(object, etag, form, bytes, end, null);
    }

    /** As the other one, but the body pauses before its end. */
    CompletableFuture<Optional<String>> swap(
            String object,
            @Nullable String etag,
            S3Quirks.Form form,
            byte[] bytes,
            long end,
            S3Http.@Nullable Pause pause) {
        return client.write(Lane.LOCKS, end, (s3, bound) -> {
            PutObjectRequest.Builder put = putting(object, bound);
            if (etag == null) {
                put.ifNoneMatch("*");
            } else {
                put.ifMatch(form.of(etag));
            }
            try {
                return Optional.of(etag(
                        S3Http.pausing(pause, () -> s3.putObject(put.build(), RequestBody.fromBytes(bytes)))
                                .eTag()));
            } catch (S3Exception e) {
                if (S3Errors.isStatus(e, 412) || S3Errors.isStatus(e, 409) || S3Errors.isAbsent(e)) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    /**
     * An object as it was read.
     *
     * @param changed whether it was another one than before; otherwise it was not read
     */
    record Reading(boolean changed, Optional<ResponseBytes<GetObjectResponse>> object) {}

    /** As {@link #get}, but reads nothing when the object still has the ETag. */
    CompletableFuture<Reading> getIfChanged(String object, String etag, S3Quirks.Form form, long end) {
        return client.read(Lane.LOCKS, end, (s3, bound) -> {
            try {
                return new Reading(
                        true,
                        Optional.of(s3.getObject(
                                get -> get.bucket(bucket)
                                        .key(object)
                                        .ifNoneMatch(form.of(etag))
                                        .overrideConfiguration(bound),
                                ResponseTransformer.toBytes())));
            } catch (S3Exception e) {
                if (S3Errors.isStatus(e, 304) || S3Errors.isAbsent(e)) {
                    return new Reading(!S3Errors.isStatus(e, 304), Optional.empty());
                }
                throw e;
            }
        });
    }

    /**
     * The names right below {@code base} that come after {@code after}, at most {@code limit}, in order: of objects as
     * {@code name}, and {@code name/} for what lies deeper. As many requests as it takes, in one call with one end.
     */
    CompletableFuture<List<String>> list(String base, String after, int limit, long end) {
        ListObjectsV2Request.Builder first = ListObjectsV2Request.builder()
                .bucket(bucket)
                .prefix(base)
                .delimiter("/")
                .encodingType(EncodingType.URL) // a key may have characters that XML does not allow; the SDK decodes
                .maxKeys(
                        limit < PAGE
                                ? limit + 1
                                : PAGE); // one more: stores differ in whether 'after' = "a/" brings "a/"
        if (!after.isEmpty()) {
            first.startAfter(S3Keys.start(base, after));
        }
        return list(first, base, after, limit, new ArrayList<>(), end);
    }

    private CompletableFuture<List<String>> list(
            ListObjectsV2Request.Builder page, String base, String after, int limit, List<String> names, long end) {
        return client.read(
                        Lane.DATA,
                        end,
                        (s3, bound) -> s3.listObjectsV2(
                                page.overrideConfiguration(bound).build()))
                .thenCompose(answer -> {
                    add(answer, base, after, names);
                    if (names.size() >= limit || !Boolean.TRUE.equals(answer.isTruncated())) {
                        return CompletableFuture.completedFuture(
                                names.size() > limit ? new ArrayList<>(names.subList(0, limit)) : names);
                    }
                    return list(next(page, answer), base, after, limit, names, end);
                });
    }

    /** What asks for the page after this one: by the store's own mark, unless that cannot be told; then by its last name. */
    private static ListObjectsV2Request.Builder next(ListObjectsV2Request.Builder page, ListObjectsV2Response answer) {
        String mark = answer.nextContinuationToken();
        if (mark == null || S3Xml.isWhole(mark)) {
            return page.continuationToken(mark);
        }
        Stream<String> objects = answer.contents().stream().map(S3Object::key);
        Stream<String> subtrees = answer.commonPrefixes().stream().map(CommonPrefix::prefix);
        return page.continuationToken(null)
                .startAfter(
                        Stream.concat(objects, subtrees).max(Prefix.NAME_ORDER).orElseThrow());
    }

    /** Adds one page; S3 gives its objects and its subtrees in order, but apart. */
    private static void add(ListObjectsV2Response answer, String base, String after, List<String> names) {
        List<String> found = new ArrayList<>();
        for (S3Object object : answer.contents()) {
            found.add(object.key().substring(base.length()));
        }
        for (CommonPrefix subtree : answer.commonPrefixes()) {
            found.add(subtree.prefix().substring(base.length()));
        }
        // An empty name is a "folder" that some other tool made.
        found.removeIf(name -> name.isEmpty() || Prefix.NAME_ORDER.compare(name, after) <= 0);
        found.removeAll(names.subList(Math.max(0, names.size() - 1), names.size())); // stores differ here, too
        found.sort(Prefix.NAME_ORDER);
        names.addAll(found);
    }
}
