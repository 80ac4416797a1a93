package dev.holdfast.backend.s3;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.stores.CephStore;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;

/** How the kit reaches a Ceph in a container that serves S3. */
public final class S3Harness implements Harness {
    private CephStore started;
    private String product;

    @Override
    public String type() {
        return "s3";
    }

    @Override
    public void start() {
        started = CephStore.start();
        product = started.product();
    }

    @Override
    public Map<String, String> options() {
        // Each check opens instances of its own, and what a full probe finds out about Ceph is always the same.
        return Map.of(
                "lock_probe",
                "brief",
                "endpoint",
                ceph().endpoint(),
                "bucket",
                ceph().bucket(),
                "path",
                "tck/",
                "access_key",
                ceph().accessKey(),
                "secret_key",
                ceph().secretKey(),
                "lock_ttl",
                "3s",
                "lock_poll",
                "200ms",
                "request_timeout",
                "2s");
    }

    @Override
    public boolean isDisposable() {
        return true;
    }

    @Override
    public String store() {
        return Objects.requireNonNull(product, "start() comes first");
    }

    @Override
    public Optional<Set<Capability>> expectedCapabilities() {
        return Optional.of(EnumSet.of(Capability.LINEARIZABLE_READS, Capability.DURABLE, Capability.LOCKS));
    }

    /** A contender notices an expiry when it looks. */
    @Override
    public Duration expiryStep() {
        return pollInterval();
    }

    @Override
    public Duration pollInterval() {
        return Duration.ofMillis(200);
    }

    @Override
    public Optional<StoreControl> control() {
        return Optional.of(ceph().control());
    }

    @Override
    public Map<String, LockRemoval> lockRemovals() {
        return Map.of(
                "its object deleted",
                (options, lock) -> with(s3 ->
                        s3.deleteObject(delete -> delete.bucket(ceph().bucket()).key(object(options, lock)))),
                "its object replaced by one that says it is free",
                (options, lock) -> with(s3 -> {
                    String object = object(options, lock);
                    byte[] bytes = s3.getObjectAsBytes(
                                    get -> get.bucket(ceph().bucket()).key(object))
                            .asByteArray();
                    S3Record held = S3Record.of(bytes).orElseThrow();
                    S3Record free = new S3Record(
                            false,
                            held.epoch(),
                            held.reserved(),
                            held.ttl(),
                            UUID.randomUUID().toString(),
                            1,
                            "");
                    s3.putObject(put -> put.bucket(ceph().bucket()).key(object), RequestBody.fromBytes(free.toBytes()));
                }));
    }

    private static String object(Map<String, String> options, Key lock) {
        String path = options.get("path");
        return new S3Keys(path.endsWith("/") ? path : path + "/").lock(lock);
    }

    /** A client that has nothing to do with the backend's. */
    private void with(Consumer<software.amazon.awssdk.services.s3.S3Client> work) {
        try (software.amazon.awssdk.services.s3.S3Client s3 = software.amazon.awssdk.services.s3.S3Client.builder()
                .endpointOverride(URI.create(ceph().endpoint()))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(ceph().accessKey(), ceph().secretKey())))
                .httpClientBuilder(Apache5HttpClient.builder())
                .build()) {
            work.accept(s3);
        }
    }

    @Override
    public Optional<Map<String, String>> wrongCredentials() {
        return Optional.of(Map.of("secret_key", "not-" + ceph().secretKey()));
    }

    @Override
    public void close() {
        if (started != null) {
            started.close();
        }
    }

    private CephStore ceph() {
        return Objects.requireNonNull(started, "start() comes first");
    }
}
