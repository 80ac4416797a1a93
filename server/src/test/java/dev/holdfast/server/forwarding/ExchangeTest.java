package dev.holdfast.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.Advertisements;
import dev.holdfast.server.cluster.TermCertificate;
import dev.holdfast.server.config.ListenAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What of a client's request arrives at the active. */
class ExchangeTest {
    private final BlockingQueue<HttpFields> arrived = new LinkedBlockingQueue<>();
    private final Server standby = new Server();
    private final ServerConnector front = new ServerConnector(standby);
    private Server active = new Server();
    private Optional<Link> link = Optional.empty();

    @BeforeEach
    void open() throws Exception {
        TermCertificate certificate = TermCertificate.create("a");
        active = ClusterListeners.start(
                List.of(ListenAddress.parse("127.0.0.1:0")),
                new Handler.Abstract() {
                    @Override
                    public boolean handle(Request request, Response response, Callback callback) {
                        arrived.add(HttpFields.build(request.getHeaders()).asImmutable());
                        response.write(true, null, callback);
                        return true;
                    }
                },
                certificate);
        int port = ((ServerConnector) active.getConnectors()[0]).getLocalPort();
        Advertisement advertisement = Advertisements.of("a", 1, "https://127.0.0.1:" + port, certificate);
        Link opened = Link.to(advertisement);
        link = Optional.of(opened);
        front.setHost("127.0.0.1");
        standby.addConnector(front);
        standby.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                Runnable notApplied = () -> callback.failed(new IOException("not applied"));
                new Exchange(opened, request, response, callback, Optional.empty(), notApplied, 20_000).send();
                return true;
            }
        });
        standby.start();
    }

    @AfterEach
    void close() throws Exception {
        standby.stop();
        link.ifPresent(Link::close);
        active.stop();
    }

    private HttpFields forwarded(String headers) throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), front.getLocalPort())) {
            client.setSoTimeout(20_000);
            String request = "GET /v1/secret/a HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
            client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200");
        }
        HttpFields one = arrived.poll(20, TimeUnit.SECONDS);
        assertThat(one).isNotNull();
        return one;
    }

    @Test
    void allWhoForwardedItBeforeAreNamed() throws Exception {
        HttpFields headers = forwarded("X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2, 10.0.0.3\r\n");

        assertThat(headers.getValuesList("X-Forwarded-For")).containsExactly("10.0.0.1, 10.0.0.2, 10.0.0.3, 127.0.0.1");
        assertThat(forwarded("").get("X-Forwarded-For")).isEqualTo("127.0.0.1");
    }

    @Test
    void whatTheClientMeantForItsConnectionAloneStaysThere() throws Exception {
        HttpFields headers = forwarded("Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX-Vault-Token: t\r\n");

        assertThat(headers.get("X-Vault-Token")).isEqualTo("t");
        assertThat(headers.contains("X-Hop")).isFalse();
        assertThat(headers.contains("Connection")).isFalse();
    }
}
