package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.stores.EtcdStore;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One request each, as the page about etcd says; a real server counts them. */
@Timeout(120)
class EtcdCostTest {
    private static final Key KEY = Key.of("a/key");
    private static final int TIMES = 50;

    /** What goes on beside the calls. */
    private static final Pattern ASIDE = Pattern.compile("grpc_method=\"(LeaseKeepAlive|Watch)\"");

    private final HttpClient http = HttpClient.newHttpClient();
    private EtcdStore store;
    private HABackend backend;

    @BeforeEach
    void open() {
        store = EtcdStore.start();
        backend = (HABackend) Backends.load()
                .open("etcd", Map.of("endpoints", store.endpoints(), "lock_ttl", "60s", "request_timeout", "20s"));
        backend.put(Entry.of(KEY, new byte[1]));
    }

    @AfterEach
    void close() {
        backend.close();
        store.close();
    }

    @Test
    void putGetListAndDeleteAreOneRequestEach() throws Exception {
        Prefix level = Prefix.of("a/");
        Key other = Key.of("a/other"); // which the directory does not owe its marker to
        costsOneEach("put", () -> backend.put(Entry.of(other, new byte[100])));
        costsOneEach("get", () -> assertThat(backend.get(other)).isPresent());
        costsOneEach("list", () -> assertThat(backend.list(level)).hasSize(2));
        costsOneEach("delete", () -> backend.delete(other));
    }

    @Test
    void lockReleaseAndHolderAreOneRequestEach() throws Exception {
        HALock lock = backend.lock(Key.of("lock"), "me");
        lock.acquire().release(); // the first one needs an etcd lease
        long acquired = 0;
        long released = 0;
        for (int i = 0; i < TIMES; i++) {
            long before = requests();
            Lease lease = lock.acquire();
            long between = requests();
            lease.release();
            acquired += between - before;
            released += requests() - between;
        }
        isOneEach("acquire", acquired);
        isOneEach("release", released);
        try (Lease lease = lock.acquire()) {
            costsOneEach("holder", () -> assertThat(lock.holder()).isPresent());
            assertThat(lease.isHeld()).isTrue();
        }
    }

    private void costsOneEach(String call, Runnable task) throws Exception {
        long before = requests();
        for (int i = 0; i < TIMES; i++) {
            task.run();
        }
        isOneEach(call, requests() - before);
    }

    private static void isOneEach(String call, long requests) {
        assertThat(requests).as("requests of %d times %s", TIMES, call).isEqualTo(TIMES);
    }

    /** How many the server has begun to serve so far. */
    private long requests() throws Exception {
        HttpRequest metrics = HttpRequest.newBuilder(URI.create(store.endpoints() + "/metrics"))
                .build();
        return http.send(metrics, BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith("grpc_server_started_total{"))
                .filter(line -> !ASIDE.matcher(line).find())
                .mapToLong(line -> new BigDecimal(line.substring(line.lastIndexOf(' ') + 1)).longValueExact())
                .sum();
    }
}
