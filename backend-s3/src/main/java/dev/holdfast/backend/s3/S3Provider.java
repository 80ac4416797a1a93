package dev.holdfast.backend.s3;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.OptionSchema;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Backends of type {@code s3}: storage, and locks where the store has conditional writes, in a bucket. */
public final class S3Provider implements BackendProvider {
    @Override
    public String type() {
        return "s3";
    }

    @Override
    public OptionSchema options() {
        return S3Options.SCHEMA;
    }

    /**
     * Opens an instance. Unless locks are turned off, it tries out the store's conditional writes first, which
     * takes dozens of requests: of a store that answers slowly, up to five times {@code request_timeout}; one that does not
     * answer is tried out at the first call for a lock.
     */
    @Override
    public Backend open(Config config) {
        try {
            return new S3Backend(S3Options.of(config));
        } catch (SdkClientException e) {
            throw config.refuse("region: it is not set, and the AWS SDK finds none: " + e.getMessage());
        }
    }
}
