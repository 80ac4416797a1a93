package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.server.Client.Reply;
import dev.holdfast.server.Servers.One;
import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.Release;
import dev.holdfast.server.cluster.UpgradeCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** An upgrade to a version that says something else to the other nodes. */
class MixedProtocolsTest {
    private static final UpgradeCheck OLD = new UpgradeCheck(new Release("1.4.0", 1, 1), false);
    private static final UpgradeCheck NEW = new UpgradeCheck(new Release("1.5.0", 2, 1), false);

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void aStandbyThatTheActiveDoesNotUnderstandRedirectsAndTakesOver() {
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        Logger log = (Logger) LoggerFactory.getLogger("dev.holdfast.server.cluster");
        Level before = log.getLevel();
        log.setLevel(Level.WARN);
        log.addAppender(logged);
        try {
            One active = servers.as(OLD).startFirst();
            One standby = servers.as(NEW).startStandby();
            assertThat(active.put("secret/a", "{\"k\":1}").status()).isEqualTo(204);

            Servers.await("it is refused", () -> isRefused(standby));

            Reply health = standby.get("sys/health");
            assertThat(health.status()).isEqualTo(474);
            assertThat(health.json().get("ha_connection_healthy").asBoolean()).isFalse();
            assertThat(health.json().get("ha_connection_refused").asText())
                    .contains("version 1.4.0", "knows protocol 1");
            assertThat(active.get("sys/ha-status").json().at("/data/nodes")).hasSize(1);
            for (Reply reply : List.of(standby.put("secret/a", "{\"k\":2}"), standby.get("secret/a"))) {
                assertThat(reply.status()).isEqualTo(307);
                assertThat(reply.header("location")).isEqualTo(active.address() + "/v1/secret/a");
            }
            assertThat(active.get("secret/a").json().at("/data/k").asInt()).isEqualTo(1);

            assertThat(active.put("sys/step-down", "").status()).isEqualTo(204);
            standby.awaitActive();

            Servers.await("the older one is understood by the newer one", () -> nodes(standby) == 2);
            assertThat(active.put("secret/a", "{\"k\":3}").status()).isEqualTo(204);
            assertThat(active.get("secret/a").json().at("/data/k").asInt()).isEqualTo(3);
            assertThat(active.get("sys/health").status()).isEqualTo(473);
        } finally {
            log.detachAppender(logged);
            log.setLevel(before);
        }
        assertThat(List.copyOf(logged.list))
                .filteredOn(event -> event.getFormattedMessage().contains("refuses this node"))
                .as("warnings of the standby, which asks every second")
                .hasSize(1);
    }

    private static boolean isRefused(One standby) {
        return standby.get("sys/health").json().has("ha_connection_refused");
    }

    private static int nodes(One active) {
        return active.get("sys/ha-status").json().at("/data/nodes").size();
    }

    @Test
    void whoNamesNoProtocolThatIsKnownIsServedNothing() throws Exception {
        One active = servers.as(NEW).startFirst();
        One standby = servers.startStandby();
        Advertisement leader =
                standby.server.node().cluster().orElseThrow().leader().orElseThrow();
        HttpClient client = HttpClient.newBuilder()
                .sslContext(leader.termCertificate().sslContext())
                .build();

        for (Optional<String> protocol :
                List.of(Optional.<String>empty(), Optional.of("0"), Optional.of("3"), Optional.of("two"))) {
            for (String path : List.of("/v1/secret/a", "/v1/sys/health", "/cluster/echo")) {
                HttpResponse<String> answer = put(client, leader.clusterAddr() + path, protocol);

                assertThat(answer.statusCode()).as("%s %s", path, protocol).isEqualTo(503);
                assertThat(answer.headers().firstValue("Holdfast-Not-Active")).isPresent();
                assertThat(answer.headers().firstValue("Holdfast-Unknown-Protocol"))
                        .hasValue("the active is version 1.5.0 and knows protocol 1 to 2");
            }
        }
        assertThat(active.get("secret/a").status()).as("nothing was applied").isEqualTo(404);
        for (String known : List.of("1", "2")) {
            HttpResponse<String> answer = put(client, leader.clusterAddr() + "/v1/secret/a", Optional.of(known));
            assertThat(answer.statusCode()).as("protocol %s", known).isEqualTo(204);
        }
    }

    @Test
    void whatAClientSaysInThePlaceOfItsNodeIsNotHandedOn() {
        servers.startFirst();
        One standby = servers.startStandby();

        Reply reply = standby.send("PUT", "/v1/secret/a", "{\"k\":1}", "Holdfast-Protocol", "99");

        assertThat(reply.status()).isEqualTo(204);
        assertThat(isRefused(standby)).isFalse();
    }

    private HttpResponse<String> put(HttpClient client, String url, Optional<String> protocol) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .header("X-Vault-Token", servers.token)
                .PUT(BodyPublishers.ofString("{\"k\":1}"));
        protocol.ifPresent(number -> request.header("Holdfast-Protocol", number));
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
