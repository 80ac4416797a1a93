package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.server.Servers.One;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The port for other nodes, as somebody sees it who is none. */
class ClusterPortTest {
    @RegisterExtension
    final Servers servers = new Servers();

    private static int clusterPort(One one) {
        return URI.create(one.get("sys/leader")
                        .json()
                        .get("leader_cluster_address")
                        .asText())
                .getPort();
    }

    @Test
    void whoCannotShowTheTermsCertificateIsNotServed() throws Exception {
        int port = clusterPort(servers.startFirst());
        SSLContext anybody = SSLContext.getInstance("TLS");
        anybody.init(null, new TrustManager[] {new TrustEverybody()}, null);

        for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
            assertThatThrownBy(() -> ask(anybody, port, version)).as(version).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whoShowsTheTermsCertificateIsServed(String version) throws Exception {
        One active = servers.startFirst();
        SSLContext node = active.server
                .node()
                .cluster()
                .orElseThrow()
                .lookForLeader()
                .orElseThrow()
                .termCertificate()
                .sslContext();

        assertThatCode(() -> ask(node, clusterPort(active), version)).doesNotThrowAnyException();
    }

    private static void ask(SSLContext context, int port, String version) throws IOException {
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            socket.setEnabledProtocols(new String[] {version});
            SSLParameters h2 = socket.getSSLParameters();
            h2.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(h2);
            socket.startHandshake();
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            if (socket.getInputStream().read() < 0) {
                throw new IOException("closed without an answer");
            }
        }
    }

    @Test
    void itIsOpenOnTheActiveOnly() throws Exception {
        One first = servers.startFirst();
        int port = clusterPort(first);
        One second = servers.startStandby();
        try (Socket open = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertThat(open.isConnected()).isTrue();
        }

        first.put("sys/step-down", "");
        second.awaitActive();

        Servers.await("the port of the first is closed", () -> {
            try (Socket open = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return !open.isConnected();
            } catch (ConnectException e) {
                return true;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static final class TrustEverybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
