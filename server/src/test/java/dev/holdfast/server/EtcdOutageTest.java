package dev.holdfast.server;

import static dev.holdfast.server.Outages.LOCK_TTL;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.tck.stores.EtcdStore;
import dev.holdfast.tck.stores.FreePort;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Data and lock in etcd. */
class EtcdOutageTest {
    @Test
    void noAcknowledgedWriteIsLost(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws Exception {
        try (EtcdStore etcd = EtcdStore.start();
                Outages outages = new Outages(
                        "etcd",
                        directory,
                        etcd.endpoints(),
                        etcd.endpoints(),
                        links -> Outages.etcd("storage", LOCK_TTL, links),
                        LOCK_TTL,
                        LOCK_TTL)) {
            assertThat(outages.banner())
                    .contains("Storage: etcd (HA available)")
                    .contains("Fencing: fenced")
                    .doesNotContain("io.grpc", "INFO:");
            outages.stepDown();
            outages.seal();
            outages.pauseAndResume();
            outages.cutFromLock();
            outages.kill();
            outages.check();
        }
    }

    /** Those of other nodes differ in their addresses only, as it says itself. */
    @Test
    void theExampleStartsNodesThatHandOver(@TempDir(cleanup = CleanupMode.ON_SUCCESS) Path directory) throws Exception {
        HttpClient trusting = Client.trusting(TlsFiles.trusting(TlsFiles.writeTo(directory)));
        try (EtcdStore etcd = EtcdStore.start();
                ServerProcess first = example(directory, etcd, trusting);
                ServerProcess second = example(directory, etcd, trusting)) {
            assertThat(first.log()).contains("Storage: etcd (HA available)").contains("tls: \"enabled\"");
            JsonNode made = Example.serves(first);
            Example.unseal(second, made);
            Client standby = second.client(made.get("root_token").asText());
            Servers.await(
                    "what is written through the standby is forwarded: " + second.log(),
                    () -> standby.put("secret/through", "{\"k\":2}").status() == 204);

            first.end();

            Servers.await("the other one is active", standby::isActive);
            assertThat(standby.get("secret/through").json().at("/data/k").asInt())
                    .isEqualTo(2);
        }
    }

    private static ServerProcess example(Path directory, EtcdStore etcd, HttpClient trusting) throws IOException {
        int port = FreePort.next();
        int clusterPort = FreePort.next();
        Client client = new Client("https://127.0.0.1:" + port, "", trusting);
        return Example.start(
                "etcd-node.hcl",
                directory,
                client,
                Map.of(
                        "http://127.0.0.1:2379",
                        etcd.endpoints(),
                        "0.0.0.0:8200",
                        "127.0.0.1:" + port,
                        "0.0.0.0:8201",
                        "127.0.0.1:" + clusterPort,
                        "/etc/holdfast",
                        directory.toString(),
                        "https://node-1.example:8200",
                        client.address(),
                        "https://node-1.example:8201",
                        "https://127.0.0.1:" + clusterPort));
    }
}
