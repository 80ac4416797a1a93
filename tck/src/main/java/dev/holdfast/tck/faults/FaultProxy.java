package dev.holdfast.tck.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on loopback whose connections can be broken in the ways of {@link Fault}. A black hole holds bytes back
 * rather than dropping them, as retransmission does on a real network: what was sent arrives late, not never.
 */
public final class FaultProxy implements AutoCloseable {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final InetSocketAddress target;
    private final int port;
    private final Set<ProxyConnection> connections = ConcurrentHashMap.newKeySet();
    private final Conditions conditions = new Conditions();
    private final TrafficCount count = new TrafficCount();
    private final ReentrantLock door = new ReentrantLock();
    private @Nullable ServerSocket listener;
    private @Nullable FullQueue fullQueue;

    /** Holds the port while nobody listens on it: a server or another proxy that got it then would answer in the store's place. */
    private @Nullable Socket placeholder;

    private volatile @Nullable Thread acceptor;
    private boolean closed;

    private FaultProxy(InetSocketAddress target) throws IOException {
        this.target = target;
        ServerSocket first = listen(0);
        this.port = first.getLocalPort();
        start(first);
    }

    /** A proxy in front of {@code host:port}; nothing is connected before a client connects. */
    public static FaultProxy to(String host, int port) {
        try {
            return new FaultProxy(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open a proxy on loopback", e);
        }
    }

    /** The port on 127.0.0.1 that clients connect to. */
    public int port() {
        return port;
    }

    /** How many connections are open now. */
    public int connections() {
        return connections.size();
    }

    /** What has gone through this proxy so far. */
    public Traffic traffic() {
        return count.soFar();
    }

    /** As {@link Link#delay}. */
    public void delay(Duration each) {
        conditions.delay(each);
    }

    /** As {@link Link#throttle}. */
    public void throttle(long bytesPerSecond) {
        conditions.throttle(bytesPerSecond);
    }

    /** As {@link Link#lateReplies}. */
    public void lateReplies(double share, Duration most, long seed) {
        conditions.lateReplies(share, most, seed);
    }

    /** As {@link Link#dropNextReply}. */
    public void dropNextReply() {
        conditions.dropNextReply();
    }

    /** As {@link Link#silenceConnections}. */
    public void silenceConnections() {
        connections.forEach(ProxyConnection::silence);
    }

    /** Ends every fault and delay. */
    public void heal() {
        conditions.clear();
        change(null);
    }

    /** Breaks connections, present and future; replaces the fault that stands. */
    public void apply(Fault next) {
        change(next);
    }

    @Override
    public void close() {
        door.lock();
        try {
            closed = true;
            stopListening();
            leavePort();
        } finally {
            door.unlock();
        }
        conditions.end();
        connections.forEach(ProxyConnection::reset);
    }

    private void change(@Nullable Fault next) {
        door.lock();
        try {
            if (closed) {
                return;
            }
            conditions.apply(next);
            leavePort();
            if (next == Fault.REFUSE || next == Fault.UNREACHABLE) {
                stopListening();
                awaitDeaf();
                takePort(next);
            } else if (listener == null) {
                start(listen(port));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on port " + port + " again", e);
        } finally {
            door.unlock();
        }
        if (next == Fault.RESET || next == Fault.REFUSE) {
            connections.forEach(ProxyConnection::reset);
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(LOOPBACK, port), 128);
        return socket;
    }

    private void start(ServerSocket socket) {
        listener = socket;
        acceptor = thread("accept", () -> accept(socket));
    }

    private void stopListening() {
        if (listener != null) {
            closeQuietly(listener);
            listener = null;
        }
    }

    private void takePort(Fault fault) throws IOException {
        InetSocketAddress place = new InetSocketAddress(LOOPBACK, port);
        if (fault == Fault.UNREACHABLE) {
            fullQueue = FullQueue.at(place);
        } else {
            Socket bound = new Socket();
            placeholder = bound;
            bound.setReuseAddress(true); // connections that were reset may linger on the port
            bound.bind(place);
        }
    }

    private void leavePort() {
        if (fullQueue != null) {
            fullQueue.close();
            fullQueue = null;
        }
        if (placeholder != null) {
            closeQuietly(placeholder);
            placeholder = null;
        }
    }

    /** The kernel goes on listening for as long as a thread is still inside {@code accept}. */
    private void awaitDeaf() {
        Thread leaving = acceptor;
        try {
            if (leaving != null) {
                leaving.join(1_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                ProxyConnection connection =
                        new ProxyConnection(client, target, conditions, count, connections::remove);
                connections.add(connection);
                if (conditions.refusesConnections()) {
                    connection.reset();
                } else {
                    thread("open", connection::open);
                }
            } catch (IOException e) {
                // closed, by stopListening; or the client went away before it was accepted
            }
        }
    }

    static Thread thread(String duty, Runnable task) {
        Thread thread = new Thread(task, "holdfast-tck-proxy-" + duty);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            // it is gone either way
        }
    }
}
