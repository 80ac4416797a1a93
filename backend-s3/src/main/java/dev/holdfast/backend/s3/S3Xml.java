package dev.holdfast.backend.s3;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;

/**
 * Keeps a listing readable in which a store encodes names, as it is asked to, but not what it repeats of the question, nor
 * where to go on; as Ceph does. That may have a character that a key may have and XML does not allow, and the SDK, which
 * decodes all of it, fails at a percent sign.
 */
final class S3Xml implements ExecutionInterceptor {
    /** What stands for each of them; may also be meant. */
    private static final char REPLACED = '\uFFFD';

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        return context.request() instanceof ListObjectsV2Request
                ? context.responseBody().map(S3Xml::readable)
                : context.responseBody();
    }

    /** Without what was asked for, which nobody reads; the SDK's own part, which decodes, comes after this. */
    @Override
    public SdkResponse modifyResponse(Context.ModifyResponse context, ExecutionAttributes attributes) {
        return context.response() instanceof ListObjectsV2Response listing
                ? listing.toBuilder()
                        .prefix(null)
                        .startAfter(null)
                        .delimiter(null)
                        .build()
                : context.response();
    }

    /** U+FFFE and U+FFFF are EF BF BE and EF BF BF in UTF-8, where these bytes are never part of something else. */
    private static InputStream readable(InputStream body) {
        try (body) {
            byte[] bytes = body.readAllBytes();
            for (int i = 2; i < bytes.length; i++) {
                if ((bytes[i] & 0xFE) == 0xBE && bytes[i - 1] == (byte) 0xBF && bytes[i - 2] == (byte) 0xEF) {
                    bytes[i] = (byte) 0xBD;
                }
            }
            return new ByteArrayInputStream(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether this is what the store said, for certain. */
    static boolean isWhole(String text) {
        return text.indexOf(REPLACED) < 0;
    }
}
