package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.tck.stores.EtcdStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Three server processes that are replaced one by one, as operators do it, under clients that write all the time. */
class RollingUpgradeTest {
    private static final Duration LONGEST = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private final List<ServerProcess> servers = new ArrayList<>();
    private String token = "";
    private String unsealKey = "";

    @AfterEach
    void end() {
        servers.forEach(ServerProcess::close);
    }

    /** What a build's class path begins with. */
    private String build(String version) throws IOException {
        Path root = directory.resolve(version);
        Path resources = Files.createDirectories(root.resolve("dev/holdfast/server"));
        Files.writeString(resources.resolve("version.properties"), "version=" + version + "\nbuild_date=today\n");
        return root.toString();
    }

    private Client client(ServerProcess server) {
        return server.client(token);
    }

    private ServerProcess active() {
        ServerProcess[] found = new ServerProcess[1];
        Servers.await("one is active", LONGEST, () -> {
            for (ServerProcess one : servers) {
                if (one.client("").isActive()) {
                    found[0] = one;
                }
            }
            return found[0] != null;
        });
        return found[0];
    }

    private void unseal(ServerProcess server) {
        await("the server on " + server.port + " is unsealed", () -> {
            Client.Reply reply = client(server).put("sys/unseal", "{\"key\":\"" + unsealKey + "\"}");
            return reply.status() == 200;
        });
    }

    /** What was kept open to a process that has ended fails once, and nothing is said by that. */
    private static void await(String what, BooleanSupplier condition) {
        Servers.await(what, LONGEST, () -> {
            try {
                return condition.getAsBoolean();
            } catch (UncheckedIOException e) {
                return false;
            }
        });
    }

    private void awaitUp(ServerProcess server) {
        await(
                "the server on " + server.port + " is up",
                () -> client(server)
                        .get("sys/health")
                        .json()
                        .path("state")
                        .asText()
                        .equals("up"));
    }

    private void awaitMetric(String name) {
        await(name + " is 0", () -> client(active()).get("sys/metrics").text().contains("\n" + name + " 0.0\n"));
    }

    private void replace(ServerProcess old, String build, Writer writer) throws Exception {
        old.end();
        ServerProcess next = new ServerProcess(old, build);
        servers.set(servers.indexOf(old), next);
        unseal(next.awaitListening());
        awaitUp(next);
        awaitMetric("holdfast_server_out_of_sync");
        writer.awaitMore(10, address -> true);
    }

    private Set<String> versions() {
        Set<String> versions = new HashSet<>();
        JsonNode[] nodes = new JsonNode[1];
        await("the active answers", () -> {
            nodes[0] = client(active()).get("sys/ha-status").json().at("/data/nodes");
            return true;
        });
        assertThat(nodes[0]).hasSize(3);
        nodes[0].forEach(node -> versions.add(
                node.get("version").asText() + " " + node.get("state").asText()));
        return versions;
    }

    @Test
    void noAcknowledgedWriteIsLost() throws Exception {
        String before = build("1.4.0");
        String after = build("1.5.0");
        try (EtcdStore etcd = EtcdStore.start()) {
            String storage = """
                    storage "etcd" {
                      endpoints = "%s"
                      lock_ttl = "15s"
                      request_timeout = "5s"
                    }
                    """.formatted(etcd.endpoints());
            for (int i = 0; i < 3; i++) {
                servers.add(new ServerProcess(directory, storage, before));
            }
            servers.forEach(ServerProcess::awaitListening);
            initialize();
            servers.forEach(this::unseal);
            servers.forEach(this::awaitUp);
            awaitMetric("holdfast_server_out_of_sync");
            assertThat(versions()).containsExactly("1.4.0 up");
            List<String> acknowledged;
            try (Writer writer =
                    new Writer(servers.stream().map(ServerProcess::address).toList(), token)) {
                writer.awaitMore(20, address -> true);
                ServerProcess first = active();
                for (ServerProcess standby : List.copyOf(servers)) {
                    if (standby != first) {
                        replace(standby, after, writer);
                    }
                }
                assertThat(versions()).containsExactlyInAnyOrder("1.4.0 up", "1.5.0 up");
                assertThat(active()).as("it led all the time").isSameAs(first);

                assertThat(client(first).put("sys/step-down", "").status()).isEqualTo(204);
                Servers.await("a newer one leads", LONGEST, () -> active() != first);
                writer.awaitMore(10, address -> true);
                replace(first, after, writer);
                acknowledged = writer.stop();
            }
            assertThat(versions()).containsExactly("1.5.0 up");
            awaitMetric("holdfast_server_other_versions");
            assertThat(servers)
                    .allSatisfy(server ->
                            assertThat(server.log()).contains("health status changes from 'initializing' to 'up'"));
            check(acknowledged);
        }
    }

    private void initialize() {
        Client.Reply[] reply = new Client.Reply[1];
        Servers.await("the cluster is initialised", LONGEST, () -> {
            reply[0] = client(servers.get(0)).put("sys/init", "{\"secret_shares\":1,\"secret_threshold\":1}");
            return reply[0].status() == 200;
        });
        token = reply[0].json().get("root_token").asText();
        unsealKey = reply[0].json().at("/keys/0").asText();
    }

    private void check(List<String> acknowledged) {
        Set<String> there = new HashSet<>();
        client(active())
                .send("LIST", "/v1/secret/written/", "")
                .json()
                .at("/data/keys")
                .forEach(key -> there.add(key.asText()));
        assertThat(acknowledged).hasSizeGreaterThan(100);
        assertThat(there).as("writes that are there").containsAll(acknowledged);
    }
}
