package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.server.Servers.One;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Readiness;
import dev.holdfast.server.cluster.UpgradeCheck;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Lease;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** What who replaces nodes one by one waits for. */
class ReadinessTest {
    @RegisterExtension
    final Servers servers = new Servers();

    private static String state(One server) {
        return server.get("sys/health").json().get("state").asText();
    }

    private static double outOfSync(One server) {
        return metric(server, "holdfast_server_out_of_sync ");
    }

    private static double otherVersions(One server) {
        return metric(server, "holdfast_server_other_versions ");
    }

    private static double metric(One server, String name) {
        return server.get("sys/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    private static UpgradeCheck build(String version) {
        return UpgradeCheck.of(version, name -> null);
    }

    @Test
    void aNodeIsInitializingUntilItHasHeardItsActiveAndLogsTheChange() throws Exception {
        String locks = servers.store + "-locks";
        servers.withLocksIn(locks);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        Logger log = (Logger) LoggerFactory.getLogger(Readiness.class);
        Level before = log.getLevel();
        log.setLevel(Level.INFO);
        servers.startFirst().close();
        log.addAppender(logged);
        try (HABackend rival = (HABackend) Backends.load().open("inmem", Map.of("store", locks))) {
            One node;
            try (Lease held = rival.lock(ClusterNode.LOCK, "no node").acquire()) {
                assertThat(held.isHeld()).isTrue();
                node = servers.start();
                assertThat(state(node)).isEqualTo("sealed");
                node.unseal();
                assertThat(state(node)).isEqualTo("initializing");
                assertThat(outOfSync(node)).isEqualTo(1);
            }

            Servers.await("it is up", () -> state(node).equals("up"));

            assertThat(List.copyOf(logged.list))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly(
                            "health status changes from 'sealed' to 'initializing'",
                            "health status changes from 'initializing' to 'up'");
        } finally {
            log.detachAppender(logged);
            log.setLevel(before);
        }
    }

    @Test
    void aNodeThatLostItsActiveIsDown() {
        servers.with("disable_clustering = true");
        One only = servers.startFirst();
        assertThat(state(only)).isEqualTo("up");
        One standby = servers.startStandby();
        assertThat(state(standby))
                .as("it knows the active, and is not to talk to it")
                .isEqualTo("up");
        standby.close();

        only.stepDownFor(Duration.ofSeconds(5));

        Servers.await("nobody leads", () -> state(only).equals("down"));
        Servers.await("it leads again", () -> state(only).equals("up"));
    }

    /** As while that setting is rolled out, one node after the other. */
    @Test
    void aStandbyIsUpBesideAnActiveThatTalksToNobody() {
        One active = servers.with("disable_clustering = true").startFirst();
        One standby = servers.withOnly("").startStandby();
        assertThat(active.get("sys/leader").json().get("leader_cluster_address").asText())
                .isEmpty();
        Servers.await("it is up", () -> state(standby).equals("up"));
        assertThat(standby.put("secret/a", "{\"k\":1}").status()).isEqualTo(307);
    }

    @Test
    void theActiveSaysOfEachNodeHowFarItIs() {
        One active = servers.as(build("1.4.0")).startFirst();
        One standby = servers.as(build("1.5.0")).startStandby();

        Servers.await(
                "it is told that the standby is up",
                () -> nodes(active).at("/1/state").asText().equals("up"));

        assertThat(state(standby)).isEqualTo("up");
        JsonNode nodes = nodes(active);
        assertThat(nodes.at("/0/state").asText()).isEqualTo("up");
        assertThat(nodes.at("/0/version").asText()).isEqualTo("1.4.0");
        assertThat(nodes.at("/0/upgrade_version").asText()).isEqualTo("1.4.0");
        assertThat(nodes.at("/1/version").asText()).isEqualTo("1.5.0");
        assertThat(nodes.at("/1/upgrade_version").asText()).isEqualTo("1.5.0");
    }

    private static JsonNode nodes(One active) {
        return active.get("sys/ha-status").json().at("/data/nodes");
    }

    @Test
    void theMetricsAre0WhenAllNodesAreUpAndWhenAllAreOfOneVersion() {
        One active = servers.as(build("1.4.0")).startFirst();
        Servers.await("the active is alone", () -> outOfSync(active) == 0);
        One newer = servers.as(build("1.5.0")).startStandby();

        Servers.await("the standby is of another version", () -> otherVersions(active) == 1);
        Servers.await("so is the active", () -> otherVersions(newer) == 1);
        Servers.await("both are in sync", () -> outOfSync(active) == 0 && outOfSync(newer) == 0);
        newer.close();
        Servers.await("the standby is silent", () -> outOfSync(active) == 1);
    }

    @Test
    void aStandbyFollowsANewKeyBeforeAnythingIsReadWithIt() {
        One active = servers.startFirst();
        One standby = servers.startStandby();
        ClusterNode node = standby.server.node().cluster().orElseThrow();
        assertThat(node.barrier().term()).isEqualTo(1);

        assertThat(active.put("sys/rotate", "").status()).isEqualTo(204);

        Servers.await("it has the key", () -> node.barrier().term() == 2);
        Servers.await("it is up", () -> state(standby).equals("up"));
        Servers.await("all are in sync", () -> outOfSync(active) == 0 && outOfSync(standby) == 0);
    }
}
