package dev.holdfast.tck.faults;

import dev.holdfast.tck.UnverifiedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * An address at which connecting has no answer: somebody listens whose queue is full, and nobody takes from it. Linux
 * then drops what asks for a connection, and the client's system asks again later and later.
 */
final class FullQueue implements AutoCloseable {
    /** More than fit into the shortest queue of any system that keeps to its length. */
    private static final int MOST = 8;

    /** On loopback a connection that is taken is there at once. */
    private static final int UNANSWERED_MILLIS = 100;

    private final ServerSocket listener;
    private final List<Socket> waiting = new ArrayList<>();

    private FullQueue(ServerSocket listener) {
        this.listener = listener;
    }

    /** @throws UnverifiedException when this system takes connections that nobody accepts without an end */
    static FullQueue at(InetSocketAddress address) throws IOException {
        FullQueue queue = new FullQueue(new ServerSocket());
        try {
            queue.listener.setReuseAddress(true);
            queue.listener.bind(address, 1);
            queue.fill(address);
        } catch (IOException | RuntimeException e) {
            queue.close();
            throw e;
        }
        return queue;
    }

    private void fill(InetSocketAddress address) throws IOException {
        for (int i = 0; i < MOST; i++) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(address, UNANSWERED_MILLIS);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        throw new UnverifiedException(
                "this system answers connections that nobody accepts, so that no server can be" + " made unreachable");
    }

    @Override
    public void close() {
        waiting.forEach(FaultProxy::closeQuietly);
        FaultProxy.closeQuietly(listener);
    }
}
