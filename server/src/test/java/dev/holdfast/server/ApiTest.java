package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.backend.inmem.InMemStores;
import dev.holdfast.server.Client.Reply;
import dev.holdfast.server.Servers.One;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** One server, as its clients see it. */
class ApiTest {
    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void fromNothingToServingAndBackToSealed() {
        One server = servers.start();
        assertThat(server.get("sys/init").json().get("initialized").asBoolean()).isFalse();
        assertThat(server.get("sys/health").status()).isEqualTo(501);
        assertThat(server.get("secret/x").status()).isEqualTo(503);

        JsonNode made = server.put("sys/init", "{\"secret_shares\":5,\"secret_threshold\":3}")
                .json();
        assertThat(made.get("keys")).hasSize(5);
        assertThat(server.get("sys/health").status()).isEqualTo(503);
        assertThat(server.put("sys/init", "{}").status()).as("twice").isEqualTo(400);

        JsonNode progress = server.put("sys/unseal", key(made, 4)).json();
        assertThat(progress.get("sealed").asBoolean()).isTrue();
        assertThat(progress.get("progress").asInt()).isEqualTo(1);
        server.put("sys/unseal", key(made, 0));
        assertThat(server.put("sys/unseal", key(made, 2)).json().get("sealed").asBoolean())
                .isFalse();
        server.awaitActive();

        servers.token = made.get("root_token").asText();
        assertThat(server.put("secret/a", "{\"k\":\"v\"}").status()).isEqualTo(204);
        Backend reading = server.server.node().cluster().orElseThrow().reading();
        assertThat(server.put("sys/seal", "").status()).isEqualTo(204);
        assertThatThrownBy(() -> reading.get(Key.of("logical/secret/a")))
                .as("with the keys that it had")
                .hasMessageContaining("this node was sealed");
        assertThat(server.get("secret/a").status()).isEqualTo(503);
        assertThat(server.get("sys/health").status()).isEqualTo(503);
    }

    private static String key(JsonNode made, int i) {
        return "{\"key\":\"" + made.get("keys").get(i).asText() + "\"}";
    }

    @Test
    void aRestartedServerIsSealedAndHasItsData() {
        One first = servers.startFirst();
        first.put("secret/app/db", "{\"password\":\"p\"}");
        first.close();

        One again = servers.start();
        assertThat(again.get("sys/health").status()).isEqualTo(503);
        assertThat(again.get("secret/app/db").status()).isEqualTo(503);

        again.unseal().awaitActive();
        assertThat(again.get("secret/app/db").json().at("/data/password").asText())
                .isEqualTo("p");
    }

    @Test
    void keyValueAsVaultsClientsKnowIt() {
        One server = servers.startFirst();
        String body =
                "{\"text\":\"ä\",\"number\":1.10,\"big\":123456789012345678901234567890,\"nested\":{\"a\":[1,null]}}";

        assertThat(server.put("secret/app/db", body).status()).isEqualTo(204);
        Reply read = server.get("secret/app/db");
        assertThat(read.status()).isEqualTo(200);
        assertThat(read.text()).as("every digit").contains(body);
        assertThat(read.json().fieldNames())
                .toIterable()
                .contains(
                        "request_id",
                        "lease_id",
                        "renewable",
                        "lease_duration",
                        "data",
                        "wrap_info",
                        "warnings",
                        "auth");

        server.put("secret/app", "{\"a\":1}");
        server.put("secret/zoo", "{\"ttl\":\"1h\"}");
        for (Reply list : new Reply[] {
            server.send("LIST", "/v1/secret/", ""), server.get("secret/?list=true"), server.get("secret?list=true")
        }) {
            assertThat(list.json().at("/data/keys").toString()).isEqualTo("[\"app\",\"app/\",\"zoo\"]");
        }
        assertThat(server.get("secret/zoo").json().get("lease_duration").asInt())
                .isEqualTo(3600);

        assertThat(server.send("DELETE", "/v1/secret/app/db", "").status()).isEqualTo(204);
        Reply gone = server.get("secret/app/db");
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.text()).isEqualTo("{\"errors\":[]}");
        assertThat(server.send("LIST", "/v1/secret/none", "").status()).isEqualTo(404);
    }

    @Test
    void whoHasNoValidTokenGetsNothing() {
        One server = servers.startFirst();
        server.put("secret/a", "{\"k\":1}");
        String good = servers.token;
        for (String bad : new String[] {"", "hvs.wrong", good + "x", good.substring(1), "x".repeat(600)}) {
            servers.token = bad;
            for (String path :
                    new String[] {"secret/a", "sys/mounts", "auth/token/lookup-self", "sys/metrics", "sys/ha-status"}) {
                Reply refused = server.get(path);
                assertThat(refused.status()).as(path).isEqualTo(403);
                assertThat(refused.text()).isEqualTo("{\"errors\":[\"permission denied\"]}");
            }
            assertThat(server.put("secret/a", "{\"k\":2}").status()).isEqualTo(403);
            assertThat(server.put("sys/step-down", "").status()).isEqualTo(403);
            assertThat(server.put("sys/seal", "").status()).isEqualTo(403);
        }
        servers.token = "";
        Reply self = server.send("GET", "/v1/auth/token/lookup-self", "", "Authorization", "Bearer " + good);
        assertThat(self.json().at("/data/policies/0").asText()).isEqualTo("root");
        assertThat(self.json().at("/data/id").asText()).isEqualTo(good);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET    | /v1/secret/a//b      |     | 400 | a segment is empty
                    GET    | /v1/secret/a/%2e%2e/b |    | 400 | '.' and '..' are not allowed
                    GET    | /v1/secret/a%00b     |     | 400 |
                    PUT    | /v1/secret/a         | {x  | 400 | failed to parse JSON input
                    PUT    | /v1/secret/a         | [1] | 400 | expected an object
                    PUT    | /v1/secret/a         | {"a":1}{"b":2} | 400 | failed to parse JSON input
                    PUT    | /v1/secret/a         | {}  | 400 | missing data fields
                    PUT    | /v1/secret/a/        | {"a":1} | 400 | cannot write to a path ending in '/'
                    PATCH  | /v1/secret/a         | {}  | 405 | unsupported operation
                    PUT    | /v1/sys/mounts       | {}  | 405 | unsupported operation
                    GET    | /v1/nothing/here     |     | 404 | no handler for route
                    GET    | /elsewhere           |     | 404 | the API begins at /v1/
                    PUT    | /v1/sys/init         | {"secret_shares":2,"secret_threshold":3} | 400 | secret_threshold
                    PUT    | /v1/sys/init         | {"secret_shares":"many"} | 400 | 'secret_shares' must be a whole number
                    """)
    void badInputIsRefusedInTheFormThatClientsExpect(
            String method, String path, String body, int status, String message) {
        One server = servers.startFirst();

        Reply refused = server.send(method, path, body == null ? "" : body);

        assertThat(refused.status()).as(refused.text()).isEqualTo(status);
        assertThat(refused.json().get("errors")).hasSize(1);
        assertThat(refused.text()).contains(message == null ? "" : message);
        assertThat(refused.header("content-type")).isEqualTo("application/json");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    root_token_pgp_key | "key"
                    root_token_pgp_key | true
                    stored_shares      | 1
                    stored_shares      | "1"
                    pgp_keys           | ["key"]
                    pgp_keys           | "key"
                    recovery_pgp_keys  | {"a":1}
                    """)
    void sharesAndTokenAreNotToldWhereTheyWereToBeEncryptedOrStored(String field, String value) {
        One server = servers.start();

        Reply refused = server.put("sys/init", "{\"" + field + "\":" + value + "}");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains("'" + field + "' is not supported");
        assertThat(server.get("sys/init").json().get("initialized").asBoolean()).isFalse();
    }

    @Test
    void whatIsNotSupportedMayBeNamedAndLeftEmpty() {
        String empty = "{\"root_token_pgp_key\":\"\",\"stored_shares\":0,\"pgp_keys\":[],\"recovery_pgp_keys\":null}";

        assertThat(servers.start().put("sys/init", empty).status()).isEqualTo(200);
    }

    @Test
    void aSealedServerRefusesBadKeysAndSaysSo() {
        One first = servers.startFirst();
        first.close();
        One server = servers.start();

        assertThat(server.put("sys/unseal", "{}").text()).contains("'key' must be specified");
        assertThat(server.put("sys/unseal", "{\"key\":\"!!\"}").text()).contains("hex or base64");
        assertThat(server.put("sys/unseal", "{\"key\":\"abcd\"}").text()).contains("33 bytes long, not 2");
        assertThat(server.put("sys/unseal", "{\"key\":\"" + "01".repeat(33) + "\"}")
                        .status())
                .isEqualTo(200);
        Reply wrong = server.put("sys/unseal", "{\"key\":\"" + "02".repeat(33) + "\"}");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.text()).contains("do not open the root key");
        assertThat(server.get("sys/seal-status").json().get("progress").asInt()).isZero();
        server.unseal().awaitActive();
    }

    @Test
    void healthIsWhatTheLoadBalancerAsksFor() {
        One server = servers.startFirst();

        assertThat(server.get("sys/health?activecode=298").status()).isEqualTo(298);
        assertThat(server.get("sys/health?activecode=what").status()).isEqualTo(400);
        Reply head = server.send("HEAD", "/v1/sys/health", "");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.text()).isEmpty();
        server.put("sys/seal", "");
        assertThat(server.send("HEAD", "/v1/sys/health", "").status()).isEqualTo(503);
        assertThat(server.get("sys/health?sealedcode=200").status()).isEqualTo(200);
    }

    @Test
    void keysAreRotatedAndMetricsTellOfTheNode() {
        One server = servers.startFirst();
        server.put("secret/a", "{\"k\":1}");

        assertThat(server.put("sys/rotate", "").status()).isEqualTo(204);

        server.put("secret/b", "{\"k\":2}");
        JsonNode keys = server.get("sys/key-status").json().get("data");
        assertThat(keys.get("term").asInt()).isEqualTo(2);
        assertThat(keys.get("encryptions").asInt()).as("with the new key").isEqualTo(1);
        assertThat(server.get("secret/a").json().at("/data/k").asInt()).isEqualTo(1);
        assertThat(server.get("sys/metrics?format=prometheus").text())
                .contains("holdfast_server_active 1.0")
                .contains("holdfast_ha_token 2.0");
        assertThat(server.get("sys/internal/ui/mounts/secret/a")
                        .json()
                        .at("/data/options/version")
                        .asText())
                .isEqualTo("1");
        assertThat(server.get("sys/mounts").json().at("/secret~1/type").asText())
                .isEqualTo("kv");
    }

    @Test
    void largeRequestsAreRefusedHoweverTheyCome() throws IOException {
        servers.withListener("max_request_size = \"64KiB\"");
        One server = servers.startFirst();
        String most = "{\"a\":\"" + "x".repeat((64 << 10) - 8) + "\"}";

        assertThat(server.put("secret/big", most).status()).isEqualTo(204);
        assertThat(server.put("secret/big", most + " ").status()).isEqualTo(413);
        String chunked = raw(
                server,
                "PUT /v1/secret/big HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Vault-Token: " + servers.token
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n" + "11000\r\n" + "x".repeat(0x11000)
                        + "\r\n0\r\n\r\n");
        assertThat(chunked).startsWith("HTTP/1.1 413").contains("request body too large");
        String headers =
                raw(server, "GET /v1/sys/health HTTP/1.1\r\nHost: h\r\nX-Big: " + "x".repeat(40_000) + "\r\n\r\n");
        assertThat(headers).startsWith("HTTP/1.1 431").contains("headers are too large");
    }

    @Test
    void aRequestThatDoesNotArriveIsEnded() throws IOException {
        servers.startFirst().close();
        servers.withListener("max_request_duration = \"3s\"");
        One server = servers.start().unseal().awaitActive();

        String answer = raw(
                server,
                "PUT /v1/secret/slow HTTP/1.1\r\nHost: h\r\nX-Vault-Token: " + servers.token
                        + "\r\nContent-Length: 100\r\n\r\n{\"a\"");

        assertThat(answer).startsWith("HTTP/1.1 408").contains("did not arrive in time");
        assertThat(server.get("secret/slow").status()).isEqualTo(404);
    }

    @Test
    void whoCannotInitialiseInTimeIsToldWhenToComeBack() throws Exception {
        String locks = servers.store + "-locks";
        servers.withLocksIn(locks).withListener("max_request_duration = \"3s\"");
        One server = servers.start();
        try (HABackend rival = (HABackend) Backends.load().open("inmem", Map.of("store", locks));
                Lease held = rival.lock(ClusterNode.LOCK, "no node").acquire()) {
            assertThat(held.isHeld()).isTrue();

            Reply answer = server.put("sys/init", "{\"secret_shares\":1,\"secret_threshold\":1}");

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.text()).contains("took longer than 3000 ms");
            assertThat(answer.header("Retry-After")).isEqualTo("1");
        }
        assertThat(server.get("sys/init").json().get("initialized").asBoolean()).isFalse();
    }

    @Test
    void whatClientsAskForBeginsNoLineOfTheLog() {
        One server = servers.startFirst();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("dev.holdfast.server.api.Service");
        Level before = logger.getLevel();
        logger.setLevel(Level.WARN);
        logger.addAppender(log);
        log.start();
        InMemStores.named(servers.store).pause();
        try {
            Client stranger = new Client(server.address(), "not a token");
            assertThat(stranger.get("secret/a%0d%0aforged%1b%e2%80%a8line").status())
                    .isEqualTo(503);
            assertThat(stranger.get("secret/a").text())
                    .as("what a stranger is told")
                    .isEqualTo("{\"errors\":[\"a store could not be used; nothing was done\"]}");
        } finally {
            InMemStores.named(servers.store).resume();
            logger.detachAppender(log);
            logger.setLevel(before);
        }

        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .first()
                .asString()
                .startsWith("READ secret/a??forged??line: ")
                .doesNotContainPattern("[\\p{Cc}\\u2028]");
    }

    /** All that comes back until the server closes the connection, or has been silent for a while. */
    private static String raw(One server, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            StringBuilder text = new StringBuilder();
            byte[] buffer = new byte[8_192];
            for (int n = in.read(buffer); n >= 0 && !text.toString().contains("]}"); n = in.read(buffer)) {
                text.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                if (text.toString().contains("]}")) {
                    break;
                }
            }
            return text.toString();
        }
    }
}
