package dev.holdfast.bench.stores;

import dev.holdfast.bench.raw.Election;
import dev.holdfast.bench.raw.Peer;
import dev.holdfast.bench.raw.RawStore;
import dev.holdfast.bench.raw.RawWatch;
import dev.holdfast.bench.raw.RawZooKeeper;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One ZooKeeper. */
public final class ZooKeeperTarget implements Target {
    private static final Duration PATIENT = Duration.ofSeconds(10);

    private final ZooKeeperStore store = ZooKeeperStore.start();

    @Override
    public String type() {
        return "zookeeper";
    }

    @Override
    public String product() {
        return store.product();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("endpoints", store.endpoints(), "lock_ttl", "1s", "request_timeout", "10s");
    }

    @Override
    public Duration ttl() {
        return Duration.ofSeconds(1);
    }

    @Override
    public Goals goals() {
        return new Goals(1.10, 1.2, Duration.ofMillis(1_700));
    }

    @Override
    public RawStore raw() throws InterruptedException {
        return new RawZooKeeper(store.endpoints(), PATIENT);
    }

    @Override
    public RawWatch watch(String key, int behind) throws Exception {
        return RawZooKeeper.watch(store.endpoints(), PATIENT, key, behind);
    }

    @Override
    public String peerName() {
        return "InterProcessMutex";
    }

    @Override
    public Peer peer(String lock, Consumer<AutoCloseable> close) throws Exception {
        RawZooKeeper client = new RawZooKeeper(store.endpoints(), PATIENT);
        close.accept(client);
        return client.lock(lock);
    }

    @Override
    public Optional<Election> election(Duration ttl) throws InterruptedException {
        return Election.of(type(), store.endpoints(), ttl);
    }

    @Override
    public AutoCloseable onDelete(String path, Consumer<String> told) throws Exception {
        RawZooKeeper client = new RawZooKeeper(store.endpoints(), PATIENT);
        client.onDelete(path.substring(0, path.length() - 1), told);
        return client;
    }

    @Override
    public void close() {
        store.close();
    }
}
