package dev.holdfast.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the sockets take and what they do not. */
class ListenerTest {
    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void headersThatTrickleDoNotHoldAConnection() throws Exception {
        servers.withListener("http_read_timeout = \"1s\"");
        Servers.One server = servers.start();
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            slow.setSoTimeout(1);
            slow.getOutputStream().write("GET /v1/sys/health HTTP/1.1\r\nHost: h\r\n".getBytes(US_ASCII));
            long began = System.nanoTime();

            Servers.await("the server ends the connection", () -> isEndedAfterOneMore(slow));

            assertThat((System.nanoTime() - began) / 1_000_000).isBetween(500L, 10_000L);
        }
        assertThat(server.get("sys/health").status()).isEqualTo(501);
    }

    private static boolean isEndedAfterOneMore(Socket slow) {
        try {
            slow.getOutputStream().write("X-Slow: 1\r\n".getBytes(US_ASCII));
            return slow.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
