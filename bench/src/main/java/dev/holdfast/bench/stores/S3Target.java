package dev.holdfast.bench.stores;

import dev.holdfast.bench.raw.Peer;
import dev.holdfast.bench.raw.RawS3;
import dev.holdfast.bench.raw.RawStore;
import dev.holdfast.bench.raw.RawWatch;
import dev.holdfast.tck.stores.CephStore;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** One Ceph that serves S3. */
public final class S3Target implements Target {
    private final CephStore store = CephStore.start();

    @Override
    public String type() {
        return "s3";
    }

    @Override
    public String product() {
        return store.product();
    }

    @Override
    public Map<String, String> options() {
        return Map.of(
                "endpoint",
                store.endpoint(),
                "bucket",
                store.bucket(),
                "access_key",
                store.accessKey(),
                "secret_key",
                store.secretKey(),
                "lock_ttl",
                "6s",
                "lock_poll",
                "500ms",
                "request_timeout",
                "10s",
                "max_parallel",
                "256");
    }

    @Override
    public Duration ttl() {
        return Duration.ofSeconds(6);
    }

    @Override
    public Goals goals() {
        return new Goals(1, 1, Duration.ofMillis(7_500));
    }

    @Override
    public RawStore raw() {
        return new RawS3(store.endpoint(), store.bucket(), store.accessKey(), store.secretKey(), 256);
    }

    @Override
    public boolean watches() {
        return false;
    }

    @Override
    public RawWatch watch(String key, int behind) {
        throw new UnsupportedOperationException("S3 tells nobody of changes");
    }

    @Override
    public String peerName() {
        throw new UnsupportedOperationException("no lock on S3 that is in wide use from Java");
    }

    @Override
    public Peer peer(String lock, Consumer<AutoCloseable> close) {
        throw new UnsupportedOperationException("no lock on S3 that is in wide use from Java");
    }

    @Override
    public AutoCloseable onDelete(String path, Consumer<String> told) {
        throw new UnsupportedOperationException("S3 tells nobody of changes");
    }

    @Override
    public void close() {
        store.close();
    }
}
