package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.tck.stores.EtcdStore;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The container comes up, does work, keeps its port and its data over a restart, and is what it says. */
class EtcdStoreTest {
    @Test
    void keepsItsDataOverAKill() throws Exception {
        try (EtcdStore store = EtcdStore.start()) {
            assertThat(store.product()).startsWith("etcd 3.");
            String endpoint = store.endpoints();
            store.etcdctl("put", "kept", "yes");
            store.control().restart();
            assertThat(store.endpoints()).isEqualTo(endpoint);
            assertThat(store.etcdctl("get", "kept", "--print-value-only").strip())
                    .isEqualTo("yes");
            store.control().pause();
            assertThatThrownBy(() -> health(endpoint, Duration.ofSeconds(1)))
                    .as("while it is paused")
                    .isInstanceOf(HttpTimeoutException.class);
            store.control().resume();
            assertThat(health(endpoint, Duration.ofSeconds(20)))
                    .as("after it was resumed")
                    .contains("true");
        }
    }

    private static String health(String endpoint, Duration timeout) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint + "/health"))
                .timeout(timeout)
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void canAskForAPassword() {
        try (EtcdStore store = EtcdStore.startWithPassword("right")) {
            assertThat(store.etcdctl("--user", "root:right", "put", "a", "b")).contains("OK");
        }
    }
}
