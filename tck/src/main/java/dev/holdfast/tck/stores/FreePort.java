package dev.holdfast.tck.stores;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Scanner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that open theirs later, or once more after a restart. They lie below those that the system hands
 * out by itself (Linux: {@code net.ipv4.ip_local_port_range}), to outgoing connections and to whoever asks for any
 * port: one of them could be somebody else's by the time the server opens it.
 */
public final class FreePort {
    private static final int LOWEST = 10_000;
    private static final Path HANDED_OUT_BY_THE_SYSTEM = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int USUAL_START = 32_768;
    private static final int ATTEMPTS = 1_000;

    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePort() {}

    /**
     * A port at which nobody listened a moment ago, and never the same one twice in this process.
     *
     * @throws IllegalStateException when there is none
     */
    public static int next() {
        int end = end();
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, end);
            if (isFree(port) && GIVEN.add(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port from " + LOWEST + " to " + (end - 1));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(port), 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Where the system's own begin; the usual place where that is not told or leaves no room. */
    private static int end() {
        if (!Files.isReadable(HANDED_OUT_BY_THE_SYSTEM)) {
            return USUAL_START;
        }
        try (Scanner range = new Scanner(HANDED_OUT_BY_THE_SYSTEM, UTF_8)) {
            int start = range.nextInt();
            return start > LOWEST + ATTEMPTS ? start : USUAL_START;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
