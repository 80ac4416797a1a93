package dev.holdfast.tck.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each fault as a client and a server see it; the server sends every byte back. */
@Timeout(30)
class FaultProxyTest {
    private static final int SHORT_MILLIS = 300;

    private ServerSocket server;
    private FaultProxy proxy;
    private final AtomicInteger received = new AtomicInteger();

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread accepting = new Thread(this::accept, "echo");
        accepting.setDaemon(true);
        accepting.start();
        proxy = FaultProxy.to("127.0.0.1", server.getLocalPort());
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread echo = new Thread(() -> echo(socket), "echo");
                echo.setDaemon(true);
                echo.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void echo(Socket socket) {
        try (socket) {
            for (int b = socket.getInputStream().read();
                    b >= 0;
                    b = socket.getInputStream().read()) {
                received.incrementAndGet();
                socket.getOutputStream().write(b);
            }
        } catch (IOException e) {
            // reset by the proxy
        }
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static int echoed(Socket socket, int b) throws IOException {
        socket.getOutputStream().write(b);
        return socket.getInputStream().read();
    }

    @Test
    void aHealthyLinkPassesEverythingAndCounts() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            assertThat(echoed(socket, 'b')).isEqualTo('b');
            assertThat(proxy.traffic()).isEqualTo(new Traffic(2, 2, 2));
            assertThat(proxy.connections()).isEqualTo(1);
        }
    }

    @Test
    void aDroppedReplyEndsTheConnectionAfterTheServerWasAsked() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            proxy.dropNextReply();
            assertThatThrownBy(() -> echoed(socket, 'b')).isInstanceOf(SocketException.class);
            assertThat(received.get()).as("bytes at the server").isEqualTo(2);
        }
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'c'))
                    .as("the reply after the dropped one")
                    .isEqualTo('c');
        }
    }

    @Test
    void aThrottledLinkTakesTheTimeOfItsBytes() throws IOException {
        try (Socket socket = connect()) {
            proxy.throttle(20);
            long start = System.nanoTime();
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            assertThat(System.nanoTime() - start)
                    .as("nanoseconds for a byte there and back at 20 bytes/s")
                    .isGreaterThanOrEqualTo(100_000_000);
        }
    }

    @Test
    void onlyLateRepliesAreLate() throws IOException {
        try (Socket socket = connect()) {
            proxy.lateReplies(0.5, Duration.ofMillis(200), 1);
            int late = 0;
            for (int i = 0; i < 20; i++) {
                long start = System.nanoTime();
                assertThat(echoed(socket, 'a')).isEqualTo('a');
                late += System.nanoTime() - start > 20_000_000 ? 1 : 0;
            }
            assertThat(late).as("late ones among 20, half of which should be").isBetween(1, 19);
        }
    }

    @Test
    void lateRepliesAreDoneAtOnce() throws Exception {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            proxy.lateReplies(1, Duration.ofMinutes(5), 1);
            silent(socket, 'b');
            assertThat(received.get()).as("bytes at the server").isEqualTo(2);
        }
    }

    @Test
    void resetEndsConnectionsOldAndNew() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            proxy.apply(Fault.RESET);
            assertThatThrownBy(() -> echoed(socket, 'b')).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> {
                        try (Socket next = connect()) {
                            if (echoed(next, 'c') < 0) {
                                throw new SocketException("ended");
                            }
                        }
                    })
                    .isInstanceOf(SocketException.class);
        }
        proxy.heal();
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'd')).isEqualTo('d');
        }
    }

    @Test
    void refuseLetsNobodyConnectUntilHealed() throws IOException {
        proxy.apply(Fault.REFUSE);
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        proxy.heal();
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
        }
    }

    /** Whoever got it would answer the client that is to be refused. */
    @Test
    void nobodyElseGetsThePortThatRefuses() throws IOException {
        proxy.apply(Fault.REFUSE);
        try (ServerSocket other = new ServerSocket()) {
            other.setReuseAddress(false);
            InetSocketAddress place = new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port());
            assertThatThrownBy(() -> other.bind(place)).isInstanceOf(BindException.class);
        }
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    }

    @Test
    void aBlackHoleDeliversLate() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            proxy.apply(Fault.BLACK_HOLE);
            silent(socket, 'b');
            assertThat(received.get()).as("bytes at the server").isEqualTo(1);
            proxy.heal();
            assertThat(socket.getInputStream().read()).as("what was held back").isEqualTo('b');
        }
    }

    @Test
    void anUnreachableServerAnswersNobodyNotEvenWhoConnects() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            proxy.apply(Fault.UNREACHABLE);
            silent(socket, 'b');
            assertThat(received.get()).as("bytes at the server").isEqualTo(1);
            for (int i = 0; i < 3; i++) {
                Socket next = new Socket();
                assertThatThrownBy(() -> next.connect(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()), SHORT_MILLIS))
                        .as("connection %d", i)
                        .isInstanceOf(SocketTimeoutException.class);
            }
            proxy.heal();
            assertThat(socket.getInputStream().read()).as("what was held back").isEqualTo('b');
            try (Socket next = connect()) {
                assertThat(echoed(next, 'c')).isEqualTo('c');
            }
            proxy.apply(Fault.UNREACHABLE);
            proxy.apply(Fault.REFUSE);
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void lostRepliesWereDone() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            proxy.apply(Fault.LOSE_REPLIES);
            silent(socket, 'b');
            assertThat(received.get()).as("bytes at the server").isEqualTo(2);
        }
    }

    @Test
    void lostRequestsWereNotDone() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            proxy.apply(Fault.LOSE_REQUESTS);
            silent(socket, 'b');
            assertThat(received.get()).as("bytes at the server").isEqualTo(1);
        }
    }

    private static void silent(Socket socket, int b) throws IOException {
        socket.setSoTimeout(SHORT_MILLIS);
        assertThatThrownBy(() -> echoed(socket, b)).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(10_000);
    }

    @Test
    void aDelayHoldsEachWay() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            proxy.delay(Duration.ofMillis(100));
            long start = System.nanoTime();
            assertThat(echoed(socket, 'b')).isEqualTo('b');
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        }
    }

    @Test
    void whatIsDelayedIsUnderWayTogether() throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            proxy.delay(Duration.ofMillis(200));
            long start = System.nanoTime();
            for (int b = 'b'; b < 'b' + 40; b++) {
                socket.getOutputStream().write(b);
                Thread.sleep(5); // so that each is a piece of its own
            }
            for (int b = 'b'; b < 'b' + 40; b++) {
                assertThat(socket.getInputStream().read()).isEqualTo(b);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("forty bytes that were sent one after the other, each delayed by 200 ms each way")
                    .isBetween(Duration.ofMillis(400), Duration.ofSeconds(6));
        }
    }

    @Test
    void aDelayedConnectionEndsAfterItsLastByte() throws IOException {
        try (Socket socket = connect()) {
            assertThat(echoed(socket, 'a')).isEqualTo('a');
            proxy.delay(Duration.ofMillis(50));
            socket.getOutputStream().write('b');
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo('b');
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
