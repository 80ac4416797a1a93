package dev.holdfast.backend.s3;

import dev.holdfast.spi.Capability;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.stores.CephStore;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** How the kit reaches a Ceph in a container that serves S3. */
public final class S3Harness implements Harness {
    private CephStore started;

    @Override
    public String type() {
        return "s3";
    }

    @Override
    public void start() {
        started = CephStore.start();
    }

    @Override
    public Map<String, String> options() {
        return Map.of(
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
                "250ms",
                "request_timeout",
                "2s");
    }

    @Override
    public boolean isDisposable() {
        return true;
    }

    @Override
    public String store() {
        return ceph().product();
    }

    @Override
    public Optional<Set<Capability>> expectedCapabilities() {
        return Optional.of(EnumSet.of(Capability.LINEARIZABLE_READS, Capability.DURABLE));
    }

    /** A contender notices an expiry when it looks. */
    @Override
    public Duration expiryStep() {
        return pollInterval();
    }

    @Override
    public Duration pollInterval() {
        return Duration.ofMillis(250);
    }

    @Override
    public Optional<StoreControl> control() {
        return Optional.of(ceph().control());
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
