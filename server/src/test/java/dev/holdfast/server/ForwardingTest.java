package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.backend.inmem.InMemStores;
import dev.holdfast.server.Client.Reply;
import dev.holdfast.server.Servers.One;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Lease;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several servers over one store, which forward. */
class ForwardingTest {
    @RegisterExtension
    final Servers servers = new Servers().with("disable_performance_standby = true");

    @Test
    void whatIsAskedOfAStandbyIsDoneByTheActive() {
        One active = servers.startFirst();
        One standby = servers.startStandby();

        assertThat(standby.put("secret/a%20b/%C3%A4", "{\"k\":1}").status()).isEqualTo(204);
        assertThat(active.get("secret/a%20b/%C3%A4").json().at("/data/k").asInt())
                .isEqualTo(1);
        assertThat(standby.get("secret/a%20b/%C3%A4").json().at("/data/k").asInt())
                .isEqualTo(1);
        assertThat(standby.send("LIST", "/v1/secret/a%20b", "")
                        .json()
                        .at("/data/keys/0")
                        .asText())
                .isEqualTo("ä");
        assertThat(standby.get("secret/?list=true").json().at("/data/keys/0").asText())
                .isEqualTo("a b/");
        Reply head = standby.send("HEAD", "/v1/secret/a%20b/%C3%A4", "");
        assertThat(head.status()).isEqualTo(200);
        assertThat(standby.send("DELETE", "/v1/secret/a%20b/%C3%A4", "").status())
                .isEqualTo(204);
        assertThat(standby.get("secret/a%20b/%C3%A4").status()).isEqualTo(404);
        assertThat(standby.get("nonsense").status()).isEqualTo(404);
        servers.token = "wrong";
        assertThat(standby.get("secret/a").status()).isEqualTo(403);
    }

    @Test
    void aClientMayAskToBeRedirectedInstead() {
        One active = servers.startFirst();
        One standby = servers.startStandby();

        Reply redirect = standby.send("GET", "/v1/secret/a?x=y", "", "X-Vault-No-Request-Forwarding", "true");

        assertThat(redirect.status()).isEqualTo(307);
        assertThat(redirect.header("location")).isEqualTo(active.address() + "/v1/secret/a?x=y");
    }

    @Test
    void whoIsRedirectedMayGoOnWithItsConnection() throws Exception {
        servers.startFirst();
        One standby = servers.startStandby();
        String head =
                "PUT /v1/secret/a HTTP/1.1\r\nHost: h\r\nX-Vault-No-Request-Forwarding: true\r\nContent-Length: 7\r\n\r\n";
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), standby.port)) {
            for (int i = 0; i < 2; i++) {
                client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                client.setSoTimeout(300);
                assertThatThrownBy(() -> client.getInputStream().read())
                        .as("it waits for the body")
                        .isInstanceOf(SocketTimeoutException.class);
                client.getOutputStream().write("{\"k\":1}".getBytes(StandardCharsets.US_ASCII));
                client.setSoTimeout(20_000);
                assertThat(RawHttp.head(client))
                        .startsWith("HTTP/1.1 307")
                        .doesNotContainIgnoringCase("connection: close");
            }
        }
    }

    @Test
    void largeBodiesAreStreamedBothWays() {
        One active = servers.startFirst();
        One standby = servers.startStandby();
        String big = "{\"a\":\"" + "x".repeat(3 << 20) + "\"}";

        assertThat(standby.put("secret/big", big).status()).isEqualTo(204);
        assertThat(standby.get("secret/big").text()).contains(big);
        assertThat(active.get("secret/big").text()).contains(big);
        String tooBig = "{\"a\":\"" + "x".repeat(33 << 20) + "\"}";
        assertThat(standby.put("secret/big", tooBig).status()).isEqualTo(413);
        assertThat(active.get("secret/big").text()).contains(big);
    }

    @Test
    void manyClientsShareTheConnections() {
        servers.startFirst();
        One standby = servers.startStandby();
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            String path = "secret/many/" + i;
            all.add(CompletableFuture.supplyAsync(
                    () -> standby.put(path, "{\"k\":1}").status()));
        }
        assertThat(all).allSatisfy(one -> assertThat(one.get()).isEqualTo(204));
        assertThat(standby.get("secret/many?list=true").json().at("/data/keys")).hasSize(200);
    }

    @Test
    void theActiveKnowsItsStandbysAndTheyIt() {
        One active = servers.startFirst();
        One standby = servers.startStandby();

        Servers.await(
                "the standby is seen",
                () -> active.get("sys/ha-status").json().at("/data/nodes").size() == 2);
        JsonNode nodes = standby.get("sys/ha-status").json().at("/data/nodes");
        assertThat(nodes.at("/0/active_node").asBoolean()).isTrue();
        assertThat(nodes.at("/0/api_address").asText()).isEqualTo(active.address());
        assertThat(nodes.at("/1/api_address").asText()).isEqualTo(standby.address());
        assertThat(nodes.at("/1/active_node").asBoolean()).isFalse();
        Reply health = standby.get("sys/health");
        assertThat(health.status()).isEqualTo(429);
        assertThat(health.json().get("ha_connection_healthy").asBoolean()).isTrue();
        assertThat(health.json().has("last_request_forwarding_heartbeat_ms")).isTrue();
    }

    @Test
    void requestsThatNobodyCanAnswerAreNotGivenUpOneAfterTheOther() throws Exception {
        String locks = servers.store + "-locks";
        servers.withLocksIn(locks);
        servers.startFirst().close();
        try (HABackend rival = (HABackend) Backends.load().open("inmem", Map.of("store", locks));
                Lease held = rival.lock(ClusterNode.LOCK, "no node").acquire()) {
            assertThat(held.isHeld()).isTrue();
            One standby = servers.start().unseal();
            long began = System.nanoTime();
            InMemStores.named(locks).pause();
            try {
                assertThat(statuses(standby)).containsOnly(503);
            } finally {
                InMemStores.named(locks).resume();
            }
            assertThat((System.nanoTime() - began) / 1_000_000).isLessThan(12_000);
        }
    }

    /** What 20 clients are told that write at the same time. */
    private static List<Integer> statuses(One server) throws Exception {
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Integer> status = new CompletableFuture<>();
            Thread sender = new Thread(
                    () -> status.complete(server.put("secret/a", "{\"k\":1}").status()));
            sender.setDaemon(true);
            sender.start();
            all.add(status);
        }
        List<Integer> statuses = new ArrayList<>();
        for (CompletableFuture<Integer> one : all) {
            statuses.add(one.get(60, TimeUnit.SECONDS));
        }
        return statuses;
    }

    @Test
    void whoHasNoTokenCannotMakeTheActiveReadALargeBody() throws Exception {
        One active = servers.startFirst();
        for (String body : List.of("Content-Length: 200000", "Transfer-Encoding: chunked")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), active.port)) {
                socket.setSoTimeout(20_000);
                String head = "PUT /v1/secret/a HTTP/1.1\r\nHost: h\r\nX-Vault-Token: wrong\r\n" + body + "\r\n\r\n";
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));

                assertThat(RawHttp.status(socket)).as(body).isEqualTo("HTTP/1.1 403");
            }
        }
    }

    @Test
    void aStandbyThatIsClosedFinishesWhatItHasForwarded() throws Exception {
        One active = servers.startFirst();
        One standby = servers.startStandby();
        String body = "{\"a\":\"" + "x".repeat(600_000) + "\"}";
        try (Socket slow = standby.begin("PUT", "/v1/secret/big", body.length(), body.substring(0, 300_000))) {
            CompletableFuture<Void> closing = CompletableFuture.runAsync(standby::close);
            assertThatThrownBy(() -> closing.get(700, TimeUnit.MILLISECONDS))
                    .as("it waits for the request")
                    .isInstanceOf(TimeoutException.class);

            slow.getOutputStream().write(body.substring(300_000).getBytes(StandardCharsets.US_ASCII));

            assertThat(RawHttp.status(slow)).isEqualTo("HTTP/1.1 204");
            closing.get(30, TimeUnit.SECONDS);
        }
        assertThat(active.get("secret/big").text()).contains(body);
    }

    @Test
    void aBodyThatTricklesDoesNotHoldARequestAnywhere() throws Exception {
        servers.startFirst().close(); // to initialise may take longer than that
        servers.withListener("max_request_duration = \"2s\"");
        One active = servers.start().unseal().awaitActive();
        One standby = servers.startStandby();
        for (One server : List.of(active, standby)) {
            try (Socket slow = server.begin("PUT", "/v1/secret/slow", 200_000, "{\"a\":\"")) {
                CompletableFuture<String> answer = new CompletableFuture<>();
                Thread reader = new Thread(() -> answer.completeAsync(() -> RawHttp.status(slow), Runnable::run));
                reader.setDaemon(true);
                reader.start();

                Servers.await("it is answered", () -> answer.isDone() || isTrickling(slow));

                assertThat(answer.get(1, TimeUnit.SECONDS)).isEqualTo("HTTP/1.1 408");
            }
        }
    }

    /** Sends one more byte; false, so that it is asked again. */
    private static boolean isTrickling(Socket slow) {
        try {
            slow.getOutputStream().write('x');
        } catch (IOException e) {
            // the reader sees what came before
        }
        return false;
    }
}
