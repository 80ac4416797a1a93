package dev.holdfast.server.api;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Ends connections whose next request, or TLS handshake, is not there in time, however steadily it trickles: such a
 * connection is never idle, and would be held for as long as its client likes. Jetty bounds silence only. Bodies are
 * bounded by who reads them.
 */
final class SlowHeaders extends Handler.Wrapper implements Connection.Listener {
    private static final int LOOKS = 4;

    private final Scheduler scheduler;
    private final long readMillis;
    private final long idleMillis;
    private final Map<Connection, Watch> watches = new ConcurrentHashMap<>();

    /**
     * @param readMillis how long a request's headers may take
     * @param idleMillis the same for later requests in HTTP/2, whose clients may send other things between them
     */
    SlowHeaders(Handler handler, Scheduler scheduler, long readMillis, long idleMillis) {
        super(handler);
        this.scheduler = scheduler;
        this.readMillis = readMillis;
        this.idleMillis = idleMillis;
    }

    @Override
    public void onOpened(Connection connection) {
        // What TLS carries is a connection of its own.
        if (!(connection instanceof SslConnection)) {
            Watch watch = new Watch(connection);
            watches.put(connection, watch);
            watch.lookLater();
        }
    }

    @Override
    public void onClosed(Connection connection) {
        Watch watch = watches.remove(connection);
        if (watch != null) {
            watch.cancel();
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Watch watch = watches.get(request.getConnectionMetaData().getConnection());
        if (watch != null) {
            watch.begun();
            Request.addCompletionListener(request, failure -> watch.ended());
        }
        return super.handle(request, response, callback);
    }

    /** One connection. Between requests, time runs from when the first bytes of the next one were seen. */
    private final class Watch {
        private final Connection connection;
        private final ReentrantLock lock = new ReentrantLock();
        private Scheduler.Task look = () -> false;
        private long limitMillis = readMillis;
        private int underWay;
        private boolean coming = true;
        private long since = System.nanoTime();
        private long bytesBefore;
        private boolean closed;

        Watch(Connection connection) {
            this.connection = connection;
        }

        void lookLater() {
            lock.lock();
            try {
                if (!closed) {
                    long pause = Math.max(1, readMillis / LOOKS);
                    look = scheduler.schedule(this::look, pause, TimeUnit.MILLISECONDS);
                }
            } finally {
                lock.unlock();
            }
        }

        private void look() {
            if (isOverdue()) {
                connection.getEndPoint().close();
            } else {
                lookLater();
            }
        }

        private boolean isOverdue() {
            lock.lock();
            try {
                if (underWay > 0) {
                    return false;
                }
                long now = System.nanoTime();
                if (!coming && connection.getBytesIn() > bytesBefore) {
                    coming = true;
                    since = now;
                }
                return coming && now - since >= TimeUnit.MILLISECONDS.toNanos(limitMillis);
            } finally {
                lock.unlock();
            }
        }

        void begun() {
            lock.lock();
            try {
                underWay++;
                limitMillis = connection instanceof HTTP2Connection ? idleMillis : readMillis;
            } finally {
                lock.unlock();
            }
        }

        void ended() {
            lock.lock();
            try {
                underWay--;
                coming = false;
                bytesBefore = connection.getBytesIn();
            } finally {
                lock.unlock();
            }
        }

        void cancel() {
            lock.lock();
            try {
                closed = true;
                look.cancel();
            } finally {
                lock.unlock();
            }
        }
    }
}
