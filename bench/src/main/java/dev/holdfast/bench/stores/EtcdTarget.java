package dev.holdfast.bench.stores;

import dev.holdfast.bench.raw.Election;
import dev.holdfast.bench.raw.Peer;
import dev.holdfast.bench.raw.RawEtcd;
import dev.holdfast.bench.raw.RawStore;
import dev.holdfast.bench.raw.RawWatch;
import dev.holdfast.tck.stores.EtcdStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One etcd. */
public final class EtcdTarget implements Target {
    private static final Duration LONG = Duration.ofMinutes(30);

    private final EtcdStore store = EtcdStore.start();

    @Override
    public String type() {
        return "etcd";
    }

    @Override
    public String product() {
        return store.product();
    }

    @Override
    public Map<String, String> options() {
        return Map.of("endpoints", store.endpoints(), "lock_ttl", "2s", "request_timeout", "10s");
    }

    @Override
    public Duration ttl() {
        return Duration.ofSeconds(2);
    }

    @Override
    public Goals goals() {
        return new Goals(1.05, 3, Duration.ofMillis(2_700));
    }

    @Override
    public RawStore raw() {
        return new RawEtcd(store.endpoints());
    }

    /** It keeps every value that a key ever had, and takes no more when it has 2 GiB. */
    @Override
    public void tidy() throws Exception {
        try (RawEtcd client = new RawEtcd(store.endpoints())) {
            client.compact();
        }
    }

    @Override
    public RawWatch watch(String key) throws Exception {
        return RawEtcd.watch(store.endpoints(), key);
    }

    @Override
    public String peerName() {
        return "jetcd Lock";
    }

    @Override
    public Peer peer(String lock, Consumer<AutoCloseable> close) throws Exception {
        RawEtcd client = new RawEtcd(store.endpoints());
        close.accept(client);
        return client.lock(lock, LONG, false);
    }

    @Override
    public Optional<Peer> thriftyPeer(String lock, Consumer<AutoCloseable> close) throws Exception {
        RawEtcd client = new RawEtcd(store.endpoints());
        close.accept(client);
        return Optional.of(client.lock(lock, LONG, true));
    }

    @Override
    public Optional<Election> election(Duration ttl) throws InterruptedException {
        return Election.of(type(), store.endpoints(), ttl);
    }

    @Override
    public AutoCloseable onDelete(String path, Consumer<String> told) throws Exception {
        RawEtcd client = new RawEtcd(store.endpoints());
        client.onDelete(path, told);
        return client;
    }

    @Override
    public void close() {
        store.close();
    }
}
