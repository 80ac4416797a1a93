package dev.holdfast.tck.stores;

import dev.holdfast.spi.driver.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Asks a server on loopback one thing, in plain text. */
final class Probe {
    private static final int MILLIS = 1_000;
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private Probe() {}

    /** What the server answers until it closes the connection; empty when it does not. */
    static String ask(int port, String question) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MILLIS);
            socket.setSoTimeout(MILLIS);
            socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /** What the server answers as soon as it does; empty when it has not within 20 s, as when it is paused. */
    static String insist(Supplier<String> question) {
        Deadline longest = Deadline.after(LONGEST);
        String answer = question.get();
        try {
            while (answer.isEmpty() && !longest.passed()) {
                TimeUnit.MILLISECONDS.sleep(50);
                answer = question.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return answer;
    }

    /** The answer to an HTTP GET, headers included. */
    static String get(int port, String path) {
        return ask(port, "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
    }
}
