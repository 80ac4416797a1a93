package dev.holdfast.bench.stores;

import dev.holdfast.bench.raw.Election;
import dev.holdfast.bench.raw.Peer;
import dev.holdfast.bench.raw.RawEtcd;
import dev.holdfast.bench.raw.RawStore;
import dev.holdfast.bench.raw.RawWatch;
import dev.holdfast.tck.faults.TcpLink;
import dev.holdfast.tck.stores.EtcdStore;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One etcd. */
public final class EtcdTarget implements Target {
    private static final Duration LONG = Duration.ofMinutes(30);

    private final HttpClient http = HttpClient.newHttpClient();
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
    public RawWatch watch(String key, int behind) throws Exception {
        return RawEtcd.watch(store.endpoints(), key, behind);
    }

    /** On the wire there are HTTP/2's own pings as well, one for most of the requests that come after a pause. */
    @Override
    public Count requests(TcpLink link) throws Exception {
        HttpRequest metrics = HttpRequest.newBuilder(URI.create(store.endpoints() + "/metrics"))
                .build();
        long received = http.send(metrics, HttpResponse.BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith("grpc_server_msg_received_total{"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
        return new Count(received, "counted by etcd");
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
