package dev.holdfast.server;

import dev.holdfast.server.api.Api;
import dev.holdfast.server.barrier.Seal;
import dev.holdfast.server.barrier.Secrets;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.config.ConfigReader;
import dev.holdfast.server.config.ConfigSource;
import dev.holdfast.server.config.ListenAddress;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.driver.Deadline;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A server to try things with: in memory, initialised and unsealed. */
final class DevMode {
    private DevMode() {}

    static ServerConfig config(String address) {
        ListenAddress listen;
        try {
            listen = ListenAddress.parse(address);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("-dev-listen-address", List.of("-dev-listen-address: " + e.getMessage()));
        }
        String text = """
                storage "inmem" { store = "dev" }
                listener "tcp" {
                  address = "%s"
                  tls_disable = true
                  telemetry { unauthenticated_metrics_access = true }
                }
                api_addr = "http://%s"
                cluster_name = "holdfast-dev"
                """.formatted(listen, listen.port() == 0 ? listen.host() + ":8200" : listen);
        return new ConfigReader(DevMode::noVariable, none -> Plugins.ofClassPath())
                .read(List.of(new ConfigSource("-dev", text)));
    }

    private static void awaitActive(Node node) throws InterruptedException {
        Deadline bound = Deadline.after(Duration.ofSeconds(30));
        while (!node.state().equals("active") && !bound.passed()) {
            Thread.sleep(5);
        }
    }

    private static @Nullable String noVariable(String name) {
        return null;
    }

    /** Initialises and unseals a new server; returns what its user needs to know. */
    static String unseal(HoldfastServer server, String wantedToken) throws InterruptedException {
        Node node = server.node();
        String token = wantedToken.isEmpty() ? Api.newRootToken() : wantedToken;
        try {
            byte[] key = node.initialize(1, 1, Optional.empty(), Api.withRootToken(token))
                    .get(0);
            String shown = Base64.getEncoder().encodeToString(key);
            try {
                node.unseal(node.seal().config().orElseThrow(), key);
            } finally {
                Secrets.wipe(key);
            }
            awaitActive(node);
            return """
                    WARNING! dev mode: all is in memory, requests travel unencrypted, and the key is on this screen.

                        export VAULT_ADDR='http://127.0.0.1:%d'

                    Unseal Key: %s
                    Root Token: %s
                    """.formatted(server.ports().get(0), shown, token);
        } catch (Node.AlreadyInitializedException | Seal.WrongKeyException e) {
            throw new IllegalStateException("a new store in memory was used before", e);
        }
    }
}
