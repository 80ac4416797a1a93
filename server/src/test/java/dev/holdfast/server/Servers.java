package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.ha.HANode;
import dev.holdfast.server.Client.Reply;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.UpgradeCheck;
import dev.holdfast.server.config.ConfigReader;
import dev.holdfast.server.config.ConfigSource;
import dev.holdfast.server.forwarding.Forwarder;
import dev.holdfast.spi.Backends;
import dev.holdfast.tck.faults.FaultProxy;
import dev.holdfast.tck.stores.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Servers of one cluster in this JVM, over a store in memory, and a client of theirs. */
final class Servers implements AfterEachCallback {
    final String store = "servers-" + UUID.randomUUID();
    private final List<One> running = new ArrayList<>();
    private String top = "";
    private String listener = "";
    private String locks = "";
    private String requestTimeout = "2s";
    private Duration patience = Forwarder.PATIENCE;
    private Optional<String> apiAddr = Optional.empty();
    private boolean proxied;
    private List<String> keys = List.of();
    private UpgradeCheck build = UpgradeCheck.of(Version.number(), name -> null);
    String token = "";

    /** Has the servers that are started from now on be found at one address. */
    Servers withApiAddr(String address) {
        apiAddr = Optional.of(address);
        return this;
    }

    /** Adds lines to the configuration of the servers that are started from now on. */
    Servers with(String lines) {
        top += lines + "\n";
        return this;
    }

    /** Has the servers that are started from now on have only these lines of their own in the configuration. */
    Servers withOnly(String lines) {
        top = "";
        return with(lines);
    }

    /** Has the servers that are started from now on be this build. */
    Servers as(UpgradeCheck other) {
        build = other;
        return this;
    }

    /** Has the servers that are started from now on find their lock in another store. */
    Servers withLocksIn(String lockStore) {
        locks = "ha_storage \"inmem\" {\nstore = \"" + lockStore
                + "\"\nlock_ttl = \"15s\"\nrequest_timeout = \"1s\"\n}";
        return this;
    }

    /** As {@link #withLocksIn}, with a block of one's own. */
    Servers withLocks(String block) {
        locks = block;
        return this;
    }

    /**
     * Has the servers that are started from now on wait for storage for as long as a test may keep it from them, and
     * requests to them for the next active, which may have to wait for storage first.
     */
    Servers withPatience() {
        requestTimeout = "30s";
        return withPatience(Duration.ofSeconds(20));
    }

    /** Has requests to the servers that are started from now on wait for the next active for this long. */
    Servers withPatience(Duration forNextActive) {
        patience = forNextActive;
        return this;
    }

    /** Has other nodes reach the servers that are started from now on through a proxy. */
    Servers withProxies() {
        proxied = true;
        return this;
    }

    Servers withListener(String lines) {
        listener += lines + "\n";
        return this;
    }

    /** A server, and how to talk to it. */
    final class One {
        final int port;
        final HoldfastServer server;
        final String config;
        final Optional<FaultProxy> proxy;

        private One() throws IOException {
            port = FreePort.next();
            int clusterPort = FreePort.next();
            proxy = proxied ? Optional.of(FaultProxy.to("127.0.0.1", clusterPort)) : Optional.empty();
            config = """
                    storage "inmem" {
                      store = "%s"
                      lock_ttl = "15s"
                      request_timeout = "%s"
                    }
                    listener "tcp" {
                      address = "127.0.0.1:%d"
                      cluster_address = "127.0.0.1:%d"
                      tls_disable = true
                      %s
                    }
                    api_addr = "%s"
                    cluster_addr = "127.0.0.1:%d"
                    %s
                    %s
                    """.formatted(
                            store,
                            requestTimeout,
                            port,
                            clusterPort,
                            listener,
                            apiAddr.orElse("http://127.0.0.1:" + port),
                            proxy.map(FaultProxy::port).orElse(clusterPort),
                            locks,
                            top);
            server = HoldfastServer.start(
                    new ConfigReader(name -> null, plugins -> Backends.load())
                            .read(List.of(new ConfigSource("test.hcl", config))),
                    Backends.load(),
                    build,
                    patience);
        }

        String address() {
            return "http://127.0.0.1:" + port;
        }

        /** A request of which a part of the body was sent, and which the server has begun to answer. */
        Socket begin(String method, String path, int length, String part) throws IOException {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(30_000);
            String head = method + " " + path + " HTTP/1.1\r\nHost: h\r\nX-Vault-Token: " + token
                    + "\r\nContent-Length: " + length + "\r\nExpect: 100-continue\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            String go = "HTTP/1.1 100 Continue\r\n\r\n";
            String answer = new String(socket.getInputStream().readNBytes(go.length()), StandardCharsets.US_ASCII);
            if (!answer.equals(go)) {
                throw new IOException("not begun: " + answer);
            }
            socket.getOutputStream().write(part.getBytes(StandardCharsets.US_ASCII));
            return socket;
        }

        Reply send(String method, String path, String body, String... headers) {
            return new Client(address(), token).send(method, path, body, headers);
        }

        Reply get(String path) {
            return send("GET", "/v1/" + path, "");
        }

        Reply put(String path, String body) {
            return send("PUT", "/v1/" + path, body);
        }

        /** What is answered to the share that is the last one needed. */
        Reply unsealWithLastReply() {
            Reply last = null;
            for (String key : keys) {
                last = put("sys/unseal", "{\"key\":\"" + key + "\"}");
            }
            return last;
        }

        One unseal() {
            keys.forEach(key -> put("sys/unseal", "{\"key\":\"" + key + "\"}"));
            return this;
        }

        /** Steps down and contends again after this; where a client asks for it, that is after 2 s. */
        void stepDownFor(Duration pause) {
            Optional<HANode> node = server.node().cluster().flatMap(ClusterNode::node);
            if (!node.orElseThrow().stepDown(pause)) {
                throw new AssertionError("it is not active");
            }
        }

        boolean isActive() {
            return get("sys/health").status() == 200;
        }

        One awaitActive() {
            await("the server on " + port + " is active", this::isActive);
            return this;
        }

        void close() {
            server.close();
            proxy.ifPresent(FaultProxy::close);
            running.remove(this);
        }
    }

    One start() {
        try {
            One one = new One();
            running.add(one);
            return one;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A first server, initialised, unsealed and active. */
    One startFirst() {
        One first = start();
        JsonNode made = first.put("sys/init", "{\"secret_shares\":3,\"secret_threshold\":2}")
                .json();
        keys = List.of(
                made.get("keys_base64").get(0).asText(),
                made.get("keys_base64").get(2).asText());
        token = made.get("root_token").asText();
        return first.unseal().awaitActive();
    }

    /** A further one that knows the first. */
    One startStandby() {
        One standby = start().unseal();
        await(
                "the standby knows the active",
                () -> !standby.get("sys/leader")
                        .json()
                        .path("leader_address")
                        .asText()
                        .isEmpty());
        return standby;
    }

    /** The one that says that it is active. */
    One active() {
        List<One> found = new ArrayList<>();
        await("one is active", () -> {
            running.stream().filter(One::isActive).forEach(found::add);
            return !found.isEmpty();
        });
        return found.get(0);
    }

    static void await(String what, BooleanSupplier condition) {
        await(what, Duration.ofSeconds(20), condition);
    }

    static void await(String what, Duration bound, BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - began > bound.toNanos()) {
                throw new AssertionError("not within " + bound.toSeconds() + " s: " + what);
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        List.copyOf(running).forEach(One::close);
    }
}
