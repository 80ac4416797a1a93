package dev.holdfast.backend.s3;

import java.util.Optional;

/**
 * How a store does conditional requests.
 *
 * @param match how an ETag stands in {@code If-Match}
 * @param noneMatch how it stands in {@code If-None-Match} of a read; empty when the store ignores it there
 * @param problem what the store gets wrong, so that no lock can be kept in it
 */
record S3Quirks(Form match, Optional<Form> noneMatch, Optional<String> problem) {
    /** How an ETag is written. */
    enum Form {
        /** In quotes, as HTTP says. */
        QUOTED,
        /** Without them, as Ceph wants it. */
        BARE;

        String of(String etag) {
            String bare = etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"")
                    ? etag.substring(1, etag.length() - 1)
                    : etag;
            return this == QUOTED ? '"' + bare + '"' : bare;
        }
    }

    static S3Quirks unusable(String problem) {
        return new S3Quirks(Form.QUOTED, Optional.empty(), Optional.of(problem));
    }
}
