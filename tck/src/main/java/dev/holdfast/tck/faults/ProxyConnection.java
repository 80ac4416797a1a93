package dev.holdfast.tck.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One connection through a {@link FaultProxy}. */
final class ProxyConnection {
    private static final int CONNECT_MILLIS = 5_000;

    private final Socket client;
    private final Socket store = new Socket();
    private final InetSocketAddress target;
    private final Conditions conditions;
    private final TrafficCount count;
    private final Consumer<ProxyConnection> ended;
    private volatile boolean answered = true;
    private volatile boolean silent;

    ProxyConnection(
            Socket client,
            InetSocketAddress target,
            Conditions conditions,
            TrafficCount count,
            Consumer<ProxyConnection> ended) {
        this.client = client;
        this.target = target;
        this.conditions = conditions;
        this.count = count;
        this.ended = ended;
    }

    /** Connects to the store and passes on what the client sends, in the calling thread, until either side ends. */
    void open() {
        try {
            conditions.awaitPassage(true);
            store.connect(target, CONNECT_MILLIS);
            client.setTcpNoDelay(true);
            store.setTcpNoDelay(true);
            FaultProxy.thread("replies", new Way(store, client, false)::read);
            new Way(client, store, true).read();
        } catch (IOException | InterruptedException e) {
            reset();
        }
    }

    /** Ends both sides so that each sees a reset instead of an orderly end. */
    void reset() {
        for (Socket socket : new Socket[] {client, store}) {
            try {
                socket.setSoLinger(true, 0);
            } catch (SocketException e) {
                // already closed
            }
        }
        end();
    }

    /** Lets nothing arrive any more. */
    void silence() {
        silent = true;
    }

    private void end() {
        ended.accept(this);
        FaultProxy.closeQuietly(client);
        FaultProxy.closeQuietly(store);
    }

    /** What was read, and when it is due at the other end; null is the end of it. */
    private static final class Piece {
        final byte @Nullable [] bytes;
        final long due;

        Piece(byte @Nullable [] bytes, long due) {
            this.bytes = bytes;
            this.due = due;
        }
    }

    /**
     * One direction. What is delayed is under way while the next is read already: two pieces that are sent at the same
     * time and are late by 100 ms each both arrive after 100 ms, in their order.
     */
    private final class Way {
        private final Socket from;
        private final Socket to;
        private final boolean toStore;
        private final BlockingQueue<Piece> underWay = new LinkedBlockingQueue<>();
        private boolean delayed;
        private long lastDue = System.nanoTime();

        Way(Socket from, Socket to, boolean toStore) {
            this.from = from;
            this.to = to;
            this.toStore = toStore;
        }

        void read() {
            byte[] buffer = new byte[64 * 1024];
            try {
                InputStream in = from.getInputStream();
                for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                    count.bytes(got, toStore);
                    takeTurn();
                    pass(Arrays.copyOf(buffer, got));
                }
                pass(null);
            } catch (IOException | InterruptedException e) {
                reset();
                underWay.add(new Piece(null, System.nanoTime())); // whoever delivers ends too
            }
        }

        private void takeTurn() {
            if (toStore && answered) {
                count.request();
            }
            answered = !toStore;
        }

        /** At once, unless something has been late: then all that follows waits its turn behind it. */
        private void pass(byte @Nullable [] bytes) throws IOException, InterruptedException {
            if (!delayed && conditions.delays()) {
                delayed = true;
                FaultProxy.thread("delay", this::deliver);
            }
            if (delayed) {
                lastDue = conditions.due(bytes == null ? 0 : bytes.length, toStore, lastDue);
                underWay.add(new Piece(bytes, lastDue));
            } else {
                write(bytes);
            }
        }

        private void deliver() {
            try {
                Piece piece;
                do {
                    piece = underWay.take();
                    TimeUnit.NANOSECONDS.sleep(piece.due - System.nanoTime());
                    write(piece.bytes);
                } while (piece.bytes != null);
            } catch (IOException | InterruptedException e) {
                reset();
            }
        }

        private void write(byte @Nullable [] bytes) throws IOException, InterruptedException {
            if (silent) {
                return;
            }
            if (bytes == null) {
                to.shutdownOutput();
                if (from.isOutputShutdown()) {
                    end();
                }
                return;
            }
            if (!toStore && conditions.takeDrop()) {
                reset();
                return;
            }
            conditions.awaitPassage(toStore);
            OutputStream out = to.getOutputStream();
            out.write(bytes);
        }
    }
}
