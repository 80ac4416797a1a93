package dev.holdfast.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.backend.inmem.InMemStores;
import dev.holdfast.server.config.ConfigReader;
import dev.holdfast.server.config.ConfigSource;
import dev.holdfast.spi.Backends;
import dev.holdfast.tck.stores.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the sockets take and what they do not. */
class ListenerTest {
    @RegisterExtension
    final Servers servers = new Servers();

    @TempDir
    Path directory;

    @Test
    void overTlsOnlyForThoseWhoTrustTheCertificateAndSpeakANewEnoughVersion() throws Exception {
        X509Certificate certificate = TlsFiles.writeTo(directory);
        try (HoldfastServer server = startWithTls("tls_min_version = \"tls13\"")) {
            int port = server.ports().get(0);
            URI health = URI.create("https://127.0.0.1:" + port + "/v1/sys/health");
            HttpResponse<String> answer = ask(health, TlsFiles.trusting(certificate), "TLSv1.3");
            assertThat(answer.statusCode()).isEqualTo(501);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
            assertThat(server.banner()).contains("tls: \"enabled\"");

            assertThatThrownBy(() -> ask(health, SSLContext.getDefault(), "TLSv1.3"))
                    .as("a client that does not trust it")
                    .isInstanceOf(SSLHandshakeException.class);
            assertThatThrownBy(() -> ask(health, TlsFiles.trusting(certificate), "TLSv1.2"))
                    .as("a client with an older version")
                    .isInstanceOf(SSLException.class);
            assertThatThrownBy(() -> new Client("http://127.0.0.1:" + port, "").get("sys/health"))
                    .as("a client without TLS")
                    .hasCauseInstanceOf(IOException.class);
        }
    }

    /** @param lines more of the listener, whose certificate was written before */
    private HoldfastServer startWithTls(String lines) throws IOException {
        int port = FreePort.next();
        return start("""
                storage "inmem" { store = "tls" }
                listener "tcp" {
                  address = "127.0.0.1:%d"
                  tls_cert_file = "%s"
                  tls_key_file = "%s"
                  %s
                }
                api_addr = "https://127.0.0.1:%d"
                """.formatted(port, directory.resolve("tls.crt"), directory.resolve("tls.key"), lines, port));
    }

    private static HoldfastServer start(String config) throws IOException {
        ConfigReader reader = new ConfigReader(name -> null, plugins -> Backends.load());
        return HoldfastServer.start(reader.read(List.of(new ConfigSource("test.hcl", config))), Backends.load());
    }

    private static HttpResponse<String> ask(URI uri, SSLContext trust, String version) throws Exception {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {version});
        HttpClient client = HttpClient.newBuilder()
                .sslContext(trust)
                .sslParameters(parameters)
                .build();
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void headersThatTrickleDoNotHoldAConnection() throws Exception {
        servers.withListener("http_read_timeout = \"1s\"");
        Servers.One server = servers.start();
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            long began = System.nanoTime();
            slow.setSoTimeout(1);
            slow.getOutputStream().write("GET /v1/sys/health HTTP/1.1\r\nHost: h\r\n".getBytes(US_ASCII));

            Servers.await("the server ends the connection", () -> isEndedAfter(slow, "X-Slow: 1\r\n"));

            assertThat((System.nanoTime() - began) / 1_000_000).isBetween(500L, 10_000L);
        }
        assertThat(server.get("sys/health").status()).isEqualTo(501);
    }

    private static boolean isEndedAfter(Socket slow, String more) {
        try {
            slow.getOutputStream().write(more.getBytes(US_ASCII));
            return slow.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aServerThatCannotListenLeavesNoThreadBehind() {
        Servers.One first = servers.start();
        List<Thread> before = ownThreads();
        String text = """
                storage "inmem" { store = "%s" }
                listener "tcp" {
                  address = "127.0.0.1:%d"
                  tls_disable = true
                }
                api_addr = "http://127.0.0.1:%d"
                """.formatted(servers.store, first.port, first.port);

        assertThatThrownBy(() -> start(text))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("listener 127.0.0.1:" + first.port + " cannot be opened");

        Servers.await("its threads have ended", () -> before.containsAll(ownThreads()));
    }

    /** Those of servers, except for the rehearsal, which is over soon and of the process. */
    private static List<Thread> ownThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("holdfast-server-"))
                .filter(thread -> !thread.getName().endsWith("rehearsal"))
                .toList();
    }

    @Test
    void headersOfALaterRequestThatTrickleDoNotHoldAConnectionEither() throws Exception {
        servers.withListener("http_read_timeout = \"1s\"");
        Servers.One server = servers.start();
        String head = "HEAD /v1/sys/health HTTP/1.1\r\nHost: h\r\n";
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            slow.setSoTimeout(10_000);
            for (int i = 0; i < 3; i++) {
                slow.getOutputStream().write((head + "\r\n").getBytes(US_ASCII));
                skipHeaders(slow);
            }
            long began = System.nanoTime();
            slow.setSoTimeout(1);
            slow.getOutputStream().write(head.getBytes(US_ASCII));

            Servers.await("the server ends the connection", () -> isEndedAfter(slow, "X-Slow: 1\r\n"));

            assertThat((System.nanoTime() - began) / 1_000_000).isBetween(500L, 10_000L);
        }
    }

    private static void skipHeaders(Socket socket) throws IOException {
        assertThat(RawHttp.head(socket)).startsWith("HTTP/1.1 501");
    }

    @Test
    void aHandshakeThatTricklesDoesNotHoldAConnectionEither() throws Exception {
        X509Certificate unused = TlsFiles.writeTo(directory);
        try (HoldfastServer server = startWithTls("http_read_timeout = \"1s\"");
                Socket slow = new Socket(
                        InetAddress.getLoopbackAddress(), server.ports().get(0))) {
            long began = System.nanoTime();
            slow.setSoTimeout(1);
            slow.getOutputStream().write(new byte[] {0x16, 3, 1, 0x3f, 0});

            Servers.await("the server ends the connection", () -> isEndedAfter(slow, "\0"));

            assertThat((System.nanoTime() - began) / 1_000_000).isBetween(500L, 10_000L);
        }
    }

    @Test
    void aConnectionThatIsUsedAndSilentInTurnIsKept() throws Exception {
        servers.withListener("http_read_timeout = \"2s\"");
        Servers.One server = servers.start();
        try (Socket patient = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            patient.setSoTimeout(10_000);
            for (int i = 0; i < 3; i++) {
                if (i > 0) {
                    Thread.sleep(3_000);
                }
                patient.getOutputStream().write("HEAD /v1/sys/health HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(US_ASCII));
                skipHeaders(patient);
            }
        }
    }

    /** Each of these has begun a request and does not go on with it, which takes neither a token nor anything else. */
    @Test
    void whoSendsHeadersOnlyKeepsNobodyFromAnAnswer() throws Exception {
        servers.withListener("http_read_timeout = \"10m\"\nmax_request_duration = \"10m\"");
        servers.startFirst().close();
        Servers.One server = servers.start();
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                silent.add(begun(server, "PUT /v1/secret/a HTTP/1.1", "Content-Length: 10"));
                silent.add(begun(server, "PUT /v1/sys/unseal HTTP/1.1", "Content-Length: 10"));
                silent.add(begun(server, "PUT /v1/sys/unseal HTTP/1.1", "Transfer-Encoding: chunked"));
                silent.add(begun(server, "PUT /v1/sys/unseal HTTP/1.1", "Content-Length: 100000"));
            }
            server.unseal().awaitActive();
            assertThat(server.put("secret/b", "{\"k\":1}").status()).isEqualTo(204);
            for (int i = 0; i < 200; i++) {
                silent.add(begun(server, "PUT /v1/secret/a HTTP/1.1", "Content-Length: 10"));
                silent.add(begun(server, "PUT /v1/secret/a HTTP/1.1", "Content-Length: 40000000"));
                silent.add(begun(server, "PUT /v1/secret/a HTTP/1.1", "Transfer-Encoding: chunked"));
            }
            assertThat(server.put("secret/b", "{\"k\":2}").status()).isEqualTo(204);
            assertThat(server.get("secret/b").json().at("/data/k").asInt()).isEqualTo(2);
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private static Socket begun(Servers.One server, String line, String header) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port);
        socket.getOutputStream().write((line + "\r\nHost: h\r\n" + header + "\r\n\r\n").getBytes(US_ASCII));
        return socket;
    }

    /** Half of these wait for the others' threads: what they are asked for must not happen when their clients have gone. */
    @Test
    void theTimeOfARequestIncludesTheWaitForItsTurn() throws Exception {
        servers.withPatience().withListener("max_request_duration = \"5s\"");
        Servers.One server = servers.startFirst();
        List<Socket> waiting = new ArrayList<>();
        InMemStores.named(servers.store).pause();
        long began = System.nanoTime();
        try {
            for (int i = 0; i < 300; i++) {
                waiting.add(begun(server, "GET /v1/secret/a HTTP/1.1", "X-Vault-Token: " + servers.token));
            }
            for (Socket socket : waiting) {
                try (socket) {
                    socket.setSoTimeout(30_000);
                    assertThat(RawHttp.status(socket)).isEqualTo("HTTP/1.1 503");
                }
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .as("until all had an answer; with a time of their own after the wait it would be twice 5 s")
                    .isLessThan(Duration.ofSeconds(9));
        } finally {
            InMemStores.named(servers.store).resume();
        }
    }

    /** As many as have a thread wait for the store; a load balancer is told at once all the same. */
    @Test
    void aStoreThatDoesNotAnswerKeepsNoLoadBalancerWaiting() throws Exception {
        servers.withPatience();
        Servers.One server = servers.startFirst();
        List<Socket> waiting = new ArrayList<>();
        InMemStores.named(servers.store).pause();
        try {
            for (int i = 0; i < 300; i++) {
                waiting.add(begun(server, "GET /v1/secret/a HTTP/1.1", "X-Vault-Token: " + servers.token));
            }
            for (int i = 0; i < 300; i++) { // while one after the other of those has its thread
                assertThat(server.get("sys/health").status()).isEqualTo(200);
            }
        } finally {
            InMemStores.named(servers.store).resume();
        }
        for (Socket socket : waiting) {
            try (socket) {
                socket.setSoTimeout(30_000);
                assertThat(RawHttp.status(socket)).isEqualTo("HTTP/1.1 404");
            }
        }
    }

    @Test
    void whatNeedsNoTokenTakesNoLargeBodies() throws IOException {
        Servers.One server = servers.startFirst();
        String large = "{\"key\":\"" + "0".repeat(100_000) + "\"}";
        String token = servers.token;
        servers.token = "";
        assertThat(server.put("sys/unseal", large).status()).isEqualTo(413);
        assertThat(server.put("sys/init", large).status()).isEqualTo(413);
        assertThat(server.put("sys/unseal", "{\"reset\":true}").status()).isEqualTo(200);
        try (Socket socket = begun(server, "PUT /v1/sys/unseal HTTP/1.1", "Transfer-Encoding: chunked")) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(("11000\r\n" + "x".repeat(0x11000)).getBytes(US_ASCII));
            assertThat(RawHttp.status(socket)).isEqualTo("HTTP/1.1 413");
        }
        servers.token = token;
        assertThat(server.put("secret/large", large).status()).isEqualTo(204);
    }
}
