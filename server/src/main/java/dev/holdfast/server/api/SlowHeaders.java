package dev.holdfast.server.api;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Ends connections whose first request does not have all of its headers in time, however steadily they trickle: such a
 * connection is never idle, and would be held for as long as its client likes.
 */
final class SlowHeaders implements Connection.Listener {
    private final Scheduler scheduler;
    private final long millis;
    private final Map<Connection, Scheduler.Task> checks = new ConcurrentHashMap<>();

    SlowHeaders(Scheduler scheduler, long millis) {
        this.scheduler = scheduler;
        this.millis = millis;
    }

    @Override
    public void onOpened(Connection connection) {
        checks.put(connection, scheduler.schedule(() -> check(connection), millis, TimeUnit.MILLISECONDS));
    }

    @Override
    public void onClosed(Connection connection) {
        Scheduler.Task check = checks.remove(connection);
        if (check != null) {
            check.cancel();
        }
    }

    /** Connections that only carry others, such as TLS, count no messages: fewer than none. */
    private void check(Connection connection) {
        checks.remove(connection);
        if (connection.getMessagesIn() == 0) {
            connection.getEndPoint().close();
        }
    }
}
