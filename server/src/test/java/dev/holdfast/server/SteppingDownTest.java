package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.backend.inmem.InMemStore;
import dev.holdfast.backend.inmem.InMemStores;
import dev.holdfast.server.Client.Reply;
import dev.holdfast.server.Servers.One;
import dev.holdfast.server.cluster.ClusterNode;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What clients see of an active that steps down or is sealed, through a standby and at itself. */
class SteppingDownTest {
    @RegisterExtension
    final Servers servers = new Servers().with("disable_performance_standby = true");

    @Test
    void aWriterThroughAStandbyLosesNothingWhenTheActiveStepsDown() throws Exception {
        One first = servers.startFirst();
        One second = servers.startStandby();
        One third = servers.startStandby();
        AtomicInteger written = new AtomicInteger();
        long[] longestOutage = {0};
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            long lastGood = System.nanoTime();
            while (written.get() < 150) {
                int next = written.get() + 1;
                if (third.put("secret/w/" + next, "{\"n\":" + next + "}").status() == 204) {
                    long now = System.nanoTime();
                    longestOutage[0] = Math.max(longestOutage[0], now - lastGood);
                    lastGood = now;
                    written.incrementAndGet();
                }
            }
        });
        Servers.await("some are written", () -> written.get() > 30);

        assertThat(first.put("sys/step-down", "").status()).isEqualTo(204);

        writer.get();
        One active = second.isActive() ? second : third;
        assertThat(active.isActive()).isTrue();
        for (int i = 1; i <= 150; i++) {
            assertThat(active.get("secret/w/" + i).json().at("/data/n").asInt()).isEqualTo(i);
        }
        assertThat(longestOutage[0] / 1_000_000).as("the outage in ms").isLessThan(5_000);
    }

    @Test
    void aReaderThroughAStandbySeesNoErrorWhenTheActiveStepsDown() throws Exception {
        servers.withLocksIn(servers.store + "-locks").withPatience();
        One active = servers.startFirst();
        One standby = servers.startStandby();
        assertThat(standby.put("secret/r", "{\"k\":1}").status()).isEqualTo(204);
        CompletableFuture<Reply> slow = putThatStorageHolds(active);
        try {
            assertThat(cluster(active).stepDown()).isTrue();
            Servers.await("it serves no more", () -> !active.isActive());

            // Other than Java's client, most say nothing of a body where there is none.
            String get = "GET /v1/secret/r HTTP/1.1\r\nHost: h\r\nX-Vault-Token: " + servers.token + "\r\n\r\n";
            try (Socket reader = new Socket(InetAddress.getLoopbackAddress(), standby.port)) {
                reader.getOutputStream().write(get.getBytes(StandardCharsets.US_ASCII));
                reader.setSoTimeout(300);
                assertThatThrownBy(() -> reader.getInputStream().read())
                        .as("it waits for the next active")
                        .isInstanceOf(SocketTimeoutException.class);
                InMemStores.named(servers.store).resume();

                reader.setSoTimeout(30_000);
                assertThat(RawHttp.status(reader)).isEqualTo("HTTP/1.1 200");
            }
        } finally {
            InMemStores.named(servers.store).resume();
        }
        assertThat(slow.get(30, TimeUnit.SECONDS).status()).isEqualTo(204);
    }

    private static ClusterNode cluster(One server) {
        return server.server.node().cluster().orElseThrow();
    }

    /** A request to write {@code secret/slow} that is under way until the store resumes. */
    private CompletableFuture<Reply> putThatStorageHolds(One active) {
        InMemStore store = InMemStores.named(servers.store);
        store.pause();
        CompletableFuture<Reply> answer = CompletableFuture.supplyAsync(() -> active.put("secret/slow", "{\"k\":2}"));
        Servers.await("it waits for the store", () -> store.queued() > 0);
        return answer;
    }

    @Test
    void writersThroughAStandbyAlwaysKnowWhetherTheirsWasAppliedWhenTheActiveStepsDown() throws Exception {
        servers.startFirst();
        servers.startStandby();
        One third = servers.startStandby();
        AtomicInteger writes = new AtomicInteger();
        AtomicBoolean enough = new AtomicBoolean();
        Set<Integer> statuses = ConcurrentHashMap.newKeySet();
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String path = "secret/w/" + i;
            Thread writer = new Thread(() -> {
                while (!enough.get()) {
                    statuses.add(third.put(path, "{\"k\":1}").status());
                    writes.incrementAndGet();
                }
            });
            writer.setDaemon(true);
            writer.start();
            writers.add(writer);
        }
        for (int round = 0; round < 5; round++) {
            int before = writes.get();
            Servers.await("some are written", () -> writes.get() > before + 100);
            One active = servers.active();
            assertThat(active.put("sys/step-down", "").status()).isEqualTo(204);
            Servers.await("another one is active", () -> servers.active() != active);
        }
        enough.set(true);
        for (Thread writer : writers) {
            writer.join(30_000);
        }

        assertThat(statuses).contains(204).doesNotContain(500, 502);
    }

    @Test
    void aWriterThroughAStandbySeesNoErrorWhenTheActiveIsSealed() throws Exception {
        servers.withLocksIn(servers.store + "-locks").withPatience();
        One active = servers.startFirst();
        One standby = servers.startStandby();
        assertThat(standby.put("secret/a", "{\"k\":1}").status()).isEqualTo(204);
        CompletableFuture<Reply> slow = putThatStorageHolds(active);
        try {
            CompletableFuture<Void> sealing = CompletableFuture.runAsync(active.server.node()::sealNow);
            Servers.await(
                    "the active is sealed", () -> active.server.node().cluster().isEmpty());

            CompletableFuture<Reply> write = CompletableFuture.supplyAsync(() -> standby.put("secret/a", "{\"k\":3}"));
            assertThatThrownBy(() -> write.get(300, TimeUnit.MILLISECONDS))
                    .as("it waits for the next active")
                    .isInstanceOf(TimeoutException.class);
            InMemStores.named(servers.store).resume();

            assertThat(write.get(30, TimeUnit.SECONDS).status()).isEqualTo(204);
            sealing.get(30, TimeUnit.SECONDS);
            assertThat(slow.get(30, TimeUnit.SECONDS).status()).isEqualTo(204);
        } finally {
            InMemStores.named(servers.store).resume();
        }
        assertThat(standby.get("secret/a").json().at("/data/k").asInt()).isEqualTo(3);
        assertThat(standby.get("secret/slow").json().at("/data/k").asInt()).isEqualTo(2);
    }

    @Test
    void aBodyThatIsStillToComeHoldsUpNoStepDownAndIsWrittenByTheNextActive() throws Exception {
        One active = servers.startFirst();
        One standby = servers.startStandby();
        String body = "{\"k\":\"" + "x".repeat(300_000) + "\"}";
        try (Socket small = active.begin("PUT", "/v1/secret/small", 7, "{\"k\"");
                Socket large = active.begin("PUT", "/v1/secret/large", body.length(), body.substring(0, 3))) {
            assertThat(active.put("sys/step-down", "").status()).isEqualTo(204);

            Servers.await(
                    "the other is active before requests under way would be left",
                    Duration.ofSeconds(4),
                    standby::isActive);
            small.getOutputStream().write(":2}".getBytes(StandardCharsets.US_ASCII));
            large.getOutputStream().write(body.substring(3).getBytes(StandardCharsets.US_ASCII));

            assertThat(RawHttp.status(small)).isEqualTo("HTTP/1.1 204");
            assertThat(RawHttp.status(large)).isEqualTo("HTTP/1.1 204");
        }
        assertThat(standby.get("secret/small").json().at("/data/k").asInt()).isEqualTo(2);
        assertThat(standby.get("secret/large").text()).contains(body);
    }
}
