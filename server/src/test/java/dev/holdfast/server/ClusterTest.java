package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.Client.Reply;
import dev.holdfast.server.Servers.One;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several servers over one store, which only redirect. */
class ClusterTest {
    @RegisterExtension
    final Servers servers = new Servers().with("disable_clustering = true\ndisable_performance_standby = true");

    @Test
    void aStandbyRedirectsToTheActiveWithPathAndQueryAsTheyCame() {
        One active = servers.startFirst();
        One standby = servers.startStandby();

        Reply redirect = standby.send("PUT", "/v1/secret/a%20b/%C3%A4?x=1%2B2&y", "{\"k\":1}");

        assertThat(redirect.status()).isEqualTo(307);
        assertThat(redirect.header("location")).isEqualTo(active.address() + "/v1/secret/a%20b/%C3%A4?x=1%2B2&y");
        assertThat(standby.get("secret/a").status()).as("reads, too").isEqualTo(307);
        assertThat(standby.get("sys/health").status()).isEqualTo(429);
        assertThat(standby.get("sys/health?standbyok=true").status()).isEqualTo(200);
        assertThat(standby.get("sys/health?standbycode=222").status()).isEqualTo(222);
    }

    @Test
    void bothKnowWhoLeads() {
        One active = servers.startFirst();
        One standby = servers.startStandby();

        assertThat(active.get("sys/leader").json().get("is_self").asBoolean()).isTrue();
        assertThat(standby.get("sys/leader").json().get("is_self").asBoolean()).isFalse();
        for (One one : new One[] {active, standby}) {
            assertThat(one.get("sys/leader").json().get("leader_address").asText())
                    .isEqualTo(active.address());
            assertThat(one.get("sys/leader")
                            .json()
                            .get("leader_cluster_address")
                            .asText())
                    .as("nobody listens there")
                    .isEmpty();
            assertThat(one.get("sys/leader").json().get("ha_enabled").asBoolean())
                    .isTrue();
        }
    }

    @Test
    void steppingDownHandsOverAndLeavesOneAdvertisement() {
        One first = servers.startFirst();
        One second = servers.startStandby();
        first.put("secret/a", "{\"k\":1}");

        assertThat(first.put("sys/step-down", "").status()).isEqualTo(204);

        second.awaitActive();
        assertThat(second.get("secret/a").json().at("/data/k").asInt()).isEqualTo(1);
        Servers.await(
                "the first redirects to the second", () -> first.get("secret/a").status() == 307);
        assertThat(first.get("secret/a").header("location")).isEqualTo(second.address() + "/v1/secret/a");
        try (Backend store = Backends.load().open("inmem", Map.of("store", servers.store))) {
            Servers.await(
                    "the second has removed what the first advertised",
                    () -> store.list(Prefix.of("core/leader/")).size() == 1);
        }
    }

    @Test
    void theNextActiveRemovesWhatTheDeadAdvertised() {
        One first = servers.startFirst();
        One second = servers.startStandby();
        try (Backend store = Backends.load().open("inmem", Map.of("store", servers.store))) {
            store.put(Entry.of(Key.of("core/leader/killed-with-9"), new byte[] {1}));

            first.put("sys/step-down", "");
            second.awaitActive();

            Servers.await(
                    "one advertisement is left",
                    () -> store.list(Prefix.of("core/leader/")).size() == 1);
        }
    }

    @Test
    void sealingTheActiveHandsOver() {
        One first = servers.startFirst();
        One second = servers.startStandby();

        assertThat(first.put("sys/seal", "").status()).isEqualTo(204);

        second.awaitActive();
        assertThat(first.get("sys/health").status()).isEqualTo(503);
    }

    @Test
    void aSealedServerNeverBecomesActive() {
        One first = servers.startFirst();
        One sealed = servers.start();

        first.close();

        assertThat(sealed.get("sys/health").status()).isEqualTo(503);
        assertThat(sealed.get("secret/a").status()).isEqualTo(503);
        One third = servers.start().unseal().awaitActive();
        assertThat(third.get("sys/leader").json().get("is_self").asBoolean()).isTrue();
        assertThat(sealed.get("sys/health").status()).isEqualTo(503);
    }

    @Test
    void withoutAnActiveClientsAreToldToComeBack() {
        One first = servers.startFirst();
        first.stepDownFor(Duration.ofMinutes(10));

        Servers.await("nobody is active", () -> first.get("secret/a").status() == 503);
        Reply nobody = first.get("secret/a");
        assertThat(nobody.text()).contains("no active node");
        assertThat(nobody.header("retry-after")).isEqualTo("1");
        assertThat(first.get("sys/health").status()).isEqualTo(474);
    }

    @Test
    void aRedirectThatWouldComeBackIsNotMade() {
        One active = servers.startFirst();
        One standby = servers.startStandby();

        Reply loop = standby.send("GET", "/v1/secret/a", "", "X-Forwarded-Host", "ignored");
        assertThat(loop.status()).isEqualTo(307);
        Reply through = RawHttp.get(standby.port, "/v1/secret/a", "127.0.0.1:" + active.port, servers.token);
        assertThat(through.status()).isEqualTo(503);
        assertThat(through.text()).contains("would come back here");
    }

    /** Clients speak TLS with the load balancer, and the load balancer none with the nodes. */
    @Test
    void norOneBackToALoadBalancerThatEndsTls() {
        servers.withApiAddr("https://lb.example");
        One unused = servers.startFirst();
        One standby = servers.startStandby();

        Reply loop = RawHttp.get(standby.port, "/v1/secret/a", "lb.example", servers.token);

        assertThat(loop.status()).isEqualTo(503);
        assertThat(loop.text()).contains("would come back here");
        assertThat(RawHttp.get(standby.port, "/v1/secret/a", "127.0.0.1:" + standby.port, servers.token)
                        .status())
                .isEqualTo(307);
    }

    @Test
    void twoServersAskedAtOnceInitialiseOneCluster() throws Exception {
        One a = servers.start();
        One b = servers.start();
        var first = CompletableFuture.supplyAsync(() -> a.put("sys/init", "{}"));
        Reply second = b.put("sys/init", "{}");

        assertThat(new int[] {first.get().status(), second.status()}).containsExactlyInAnyOrder(200, 400);
    }
}
