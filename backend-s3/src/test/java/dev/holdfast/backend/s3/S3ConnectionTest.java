package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.hc.core5.io.CloseMode;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;

/** How a connection ends whose request was given up. */
class S3ConnectionTest {
    private static final int LENGTH = 1 << 20;

    /** A body in which the sending thread notices after some bytes that it was interrupted, as the SDK's does. */
    private static InputStream interruptedAfter(int bytes) {
        return new SequenceInputStream(new ByteArrayInputStream(new byte[bytes]), new InputStream() {
            @Override
            public int read() {
                throw new IllegalStateException("interrupted");
            }

            @Override
            public int read(byte[] into, int from, int length) {
                return read();
            }
        });
    }

    /** @return how the connection ended: with an orderly end (-1), or with what was thrown */
    private static Object endOf(Socket connection) {
        try (connection) {
            connection.setSoTimeout(10_000);
            InputStream in = connection.getInputStream();
            byte[] some = new byte[4096];
            while (true) {
                int n = in.read(some);
                if (n < 0) {
                    return n;
                }
            }
        } catch (IOException e) {
            return e;
        }
    }

    /**
     * An orderly end would have all delivered that the client's buffers still hold, and close only then. That the library
     * ends it otherwise is not in its contract.
     */
    @Test
    void aBodyThatStopsHalfWayEndsWithAReset() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                S3Http http = new S3Http(1, Duration.ofSeconds(10))) {
            CompletableFuture<Object> end = CompletableFuture.supplyAsync(() -> {
                try {
                    return endOf(server.accept());
                } catch (IOException e) {
                    return e;
                }
            });
            SdkHttpRequest put = SdkHttpRequest.builder()
                    .method(SdkHttpMethod.PUT)
                    .uri(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/bucket/object"))
                    .putHeader("Content-Length", String.valueOf(LENGTH))
                    .build();
            assertThatThrownBy(() -> http.prepareRequest(HttpExecuteRequest.builder()
                                    .request(put)
                                    .contentStreamProvider(() -> interruptedAfter(LENGTH / 2))
                                    .build())
                            .call())
                    .hasMessage("interrupted");
            assertThat(end.get(20, TimeUnit.SECONDS)).isInstanceOf(SocketException.class);
        }
    }

    /** Closed by one thread while another one makes it: nobody would ever close that socket. */
    @Test
    void whatWasClosedBeforeItWasMadeKeepsNoSocket() throws Exception {
        try (S3Connection connection = new S3Connection();
                Socket socket = new Socket()) {
            connection.close(CloseMode.IMMEDIATE);
            assertThatThrownBy(() -> connection.bind(socket)).isInstanceOf(InterruptedIOException.class);
            assertThat(socket.isClosed()).isTrue();
        }
    }

    /** The handshake takes long enough to be closed in. */
    @Test
    void whatWasClosedBeforeTheHandshakeWasOverKeepsNoSocket() throws Exception {
        try (S3Connection connection = new S3Connection();
                Socket socket = new Socket();
                SSLSocket secure =
                        (SSLSocket) SSLContext.getDefault().getSocketFactory().createSocket()) {
            connection.close(CloseMode.IMMEDIATE);
            assertThatThrownBy(() -> connection.bind(secure, socket)).isInstanceOf(InterruptedIOException.class);
            assertThat(socket.isClosed()).isTrue();
        }
    }
}
