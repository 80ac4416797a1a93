package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.tck.faults.FaultProxy;
import dev.holdfast.tck.stores.EtcdStore;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection that is dead without knowing it, while new ones work: what a firewall leaves behind that forgets. */
@Timeout(120)
class EtcdSilenceTest {
    /** No later than a lease ends that is renewed no more; gRPC's own keep-alive takes longer. */
    private static final int TTL_SECONDS = 10;

    private static final String WATCHERS = "etcd_debugging_mvcc_watcher_total";

    /** The renewals go on over a new connection; so must the news of a lock that is taken away. */
    @Test
    void aHolderHearsOfItsRemovalAlthoughItsWatchWasOnADeadConnection() throws Exception {
        try (EtcdStore store = EtcdStore.start()) {
            URI etcd = URI.create(store.endpoints());
            try (FaultProxy proxy = FaultProxy.to(etcd.getHost(), etcd.getPort());
                    HABackend backend = open("http://127.0.0.1:" + proxy.port());
                    Lease lease = backend.lock(Key.of("lock"), "me").acquire()) {
                awaitWatch(etcd);
                Renewals.awaitOne(lease); // or silence might count as the grant's own slowness
                proxy.silenceConnections();
                assertThat(store.etcdctl("del", "--prefix", "p/l/lock//").strip())
                        .isEqualTo("1");

                Loss loss = lease.lost().toCompletableFuture().get(TTL_SECONDS, TimeUnit.SECONDS);

                assertThat(loss.reason()).isEqualTo(Loss.Reason.REVOKED);
                assertThat(loss.toString()).contains("the lock's entry was deleted from etcd");
            }
        }
    }

    /** And so must the news of who holds it, to one who waits. */
    @Test
    void aStandbyHearsOfTheHolderAlthoughItsWatchWasOnADeadConnection() throws Exception {
        try (EtcdStore store = EtcdStore.start()) {
            URI etcd = URI.create(store.endpoints());
            try (FaultProxy proxy = FaultProxy.to(etcd.getHost(), etcd.getPort());
                    HABackend standby = open("http://127.0.0.1:" + proxy.port());
                    HABackend active = open(store.endpoints());
                    Lease waits = standby.lock(Key.of("other"), "me").acquire()) {
                Semaphore news = new Semaphore(0);
                HALock.Watch watch = standby.lock(Key.of("lock"), "me").watch(Duration.ofMinutes(1), news::release);
                assertThat(news.tryAcquire(20, TimeUnit.SECONDS))
                        .as("it watches")
                        .isTrue();
                Renewals.awaitOne(waits);
                proxy.silenceConnections();

                Lease won = active.lock(Key.of("lock"), "another").acquire();

                assertThat(news.tryAcquire(TTL_SECONDS, TimeUnit.SECONDS))
                        .as("the news")
                        .isTrue();
                won.release();
                watch.close();
                assertThat(waits.isHeld()).isTrue();
            }
        }
    }

    private static HABackend open(String endpoint) {
        return (HABackend) Backends.load()
                .open(
                        "etcd",
                        Map.of(
                                "endpoints",
                                endpoint,
                                "path",
                                "p/",
                                "lock_ttl",
                                TTL_SECONDS + "s",
                                "request_timeout",
                                "2s"));
    }

    /** Until etcd says that somebody watches something. */
    private static void awaitWatch(URI etcd) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest metrics = HttpRequest.newBuilder(etcd.resolve("/metrics")).build();
        while (http.send(metrics, BodyHandlers.ofString())
                .body()
                .lines()
                .noneMatch(line -> line.startsWith(WATCHERS + " ") && !line.endsWith(" 0"))) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }
}
