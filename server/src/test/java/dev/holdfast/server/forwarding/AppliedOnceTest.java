package dev.holdfast.server.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.cluster.Advertisements;
import dev.holdfast.server.cluster.TermCertificate;
import dev.holdfast.server.config.ListenAddress;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a request whose connection to the active ends without an answer: it may be applied once, not twice. */
class AppliedOnceTest {
    /** What the client is told in the end when the request could be sent again. */
    private static final int NOT_APPLIED = 299;

    private final TermCertificate certificate = TermCertificate.create("a");
    private final AtomicInteger arrivals = new AtomicInteger();
    private final AtomicInteger notApplied = new AtomicInteger();
    private final Server standby = new Server();
    private final ServerConnector front = new ServerConnector(standby);
    private Server active = new Server();
    private Optional<Link> link = Optional.empty();

    @BeforeEach
    void open() throws Exception {
        active = ClusterListeners.start(
                List.of(ListenAddress.parse("127.0.0.1:0")),
                new Handler.Abstract() {
                    @Override
                    public boolean handle(Request request, Response response, Callback callback) {
                        arrivals.incrementAndGet();
                        request.getConnectionMetaData()
                                .getConnection()
                                .getEndPoint()
                                .close();
                        return true;
                    }
                },
                certificate);
        int port = ((ServerConnector) active.getConnectors()[0]).getLocalPort();
        Link opened = Link.to(Advertisements.of("a", 1, "https://127.0.0.1:" + port, certificate));
        link = Optional.of(opened);
        front.setHost("127.0.0.1");
        standby.addConnector(front);
        standby.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                Optional<ByteBuffer> small = request.getLength() > 0
                        ? Optional.of(ByteBuffer.wrap(new byte[] {'{', '}'}))
                        : Optional.empty();
                Runnable again = () -> {
                    notApplied.incrementAndGet();
                    response.setStatus(NOT_APPLIED);
                    response.write(true, null, callback);
                };
                new Exchange(opened, request, response, callback, small, again, 20_000).send();
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

    private int status(String method, String body) throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), front.getLocalPort())) {
            client.setSoTimeout(20_000);
            String request = method + " /v1/secret/a HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length()
                    + "\r\n\r\n" + body;
            client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String line = new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            return Integer.parseInt(line.substring(9));
        }
    }

    @Test
    void aWriteThatArrivedIsNotMadeAgain() throws Exception {
        assertThat(status("PUT", "{}")).isEqualTo(502);
        assertThat(status("DELETE", "")).isEqualTo(502);

        assertThat(arrivals).hasValue(2);
        assertThat(notApplied).hasValue(0);
    }

    @Test
    void aReadMayBeMadeAgain() throws Exception {
        assertThat(status("GET", "")).isEqualTo(NOT_APPLIED);

        assertThat(arrivals).hasValue(1);
        assertThat(notApplied).hasValue(1);
    }

    @Test
    void whatWasNeverSentMayBeSentElsewhere() throws Exception {
        active.stop();

        assertThat(status("PUT", "{}")).isEqualTo(NOT_APPLIED);

        assertThat(arrivals).hasValue(0);
        assertThat(notApplied).hasValue(1);
    }
}
