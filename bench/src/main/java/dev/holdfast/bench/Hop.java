package dev.holdfast.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.StringRequestContent;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * The least that forwarding costs: a request to another process over one connection that is kept, by HTTP/2 and TLS with
 * certificates of both ends, which the other process answers at once.
 */
final class Hop implements AutoCloseable {
    private static final String PASSWORD = "of-the-bench";

    private final Jvm other;
    private final HttpClient client;
    private final URI uri;

    /** @param directory for the certificate */
    Hop(Path directory) throws Exception {
        Path keys = directory.resolve("hop.p12");
        makeKeys(keys);
        other = new Jvm(List.of("-Xmx256m"), HopServer.class, List.of(keys.toString()));
        uri = URI.create("https://127.0.0.1:" + other.said("port", Duration.ofSeconds(30)) + "/v1/secret/bench");
        SslContextFactory.Client ssl = new SslContextFactory.Client();
        trust(ssl, keys);
        ssl.setEndpointIdentificationAlgorithm(null);
        ClientConnector connector = new ClientConnector();
        connector.setSslContextFactory(ssl);
        connector.setSelectors(1);
        client = new HttpClient(new HttpClientTransportOverHTTP2(new HTTP2Client(connector)));
        client.start();
    }

    private static void makeKeys(Path keys) throws IOException, InterruptedException {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "hop",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp521r1",
                        "-dname",
                        "CN=hop",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        keys.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!keytool.waitFor(1, TimeUnit.MINUTES) || keytool.exitValue() != 0) {
            throw new IOException("keytool failed: " + said);
        }
    }

    /** Shows the one certificate, and accepts it. */
    static void trust(SslContextFactory ssl, Path keys) {
        ssl.setKeyStorePath(keys.toString());
        ssl.setKeyStorePassword(PASSWORD);
        ssl.setTrustStorePath(keys.toString());
        ssl.setTrustStorePassword(PASSWORD);
    }

    void put(String body) throws Exception {
        ContentResponse answer = client.newRequest(uri)
                .method("PUT")
                .body(new StringRequestContent("application/json", body))
                .timeout(30, TimeUnit.SECONDS)
                .send();
        if (answer.getStatus() != 204) {
            throw new IOException("the other end answered with " + answer.getStatus());
        }
    }

    @Override
    public void close() throws IOException {
        try {
            client.stop();
        } catch (Exception e) {
            throw new IOException("the client does not end", e);
        } finally {
            other.close();
        }
    }
}
