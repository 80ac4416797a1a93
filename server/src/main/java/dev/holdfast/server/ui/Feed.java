package dev.holdfast.server.ui;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.config.ServerConfig;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the pages that are open what has changed: each change is a whole status, so that a page that missed some is up to
 * date with the next one. A page that takes nothing costs one status and holds nobody up.
 */
public final class Feed implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Feed.class);
    private static final int MOST = 100;
    private static final long LOOK_MILLIS = 200;

    /** A page that hears nothing for longer knows that it was cut off; and connections do not idle. */
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final Status status;
    private final Set<Subscriber> subscribers = ConcurrentHashMap.newKeySet();
    private final Semaphore news = new Semaphore(0);
    private final Thread thread;
    private volatile String last = "";
    private volatile boolean closed;

    /** Begins to look when it is started. */
    public Feed(Node node, ServerConfig config) {
        Journal journal = new Journal();
        status = new Status(node, config, journal);
        node.onEvent(event -> {
            journal.add(event);
            news.release();
        });
        node.onUnsealed(cluster -> {
            journal.add(new Journal.Line(Instant.now(), "unsealed", 0));
            news.release();
        });
        node.onSealed(() -> {
            journal.add(new Journal.Line(Instant.now(), "sealed", 0));
            news.release();
        });
        thread = new Thread(this::run, "holdfast-server-status");
        thread.setDaemon(true);
    }

    /** Looks at the node from now on. */
    public void start() {
        thread.start();
    }

    private void run() {
        JsonNode before = JsonNodeFactory.instance.nullNode();
        long told = System.nanoTime();
        while (!closed) {
            try {
                boolean unused = news.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                news.drainPermits();
                JsonNode now = status.look();
                if (!now.equals(before)) {
                    before = now;
                    last = now.toString();
                    tell(event("status", stamped(last)));
                    told = System.nanoTime();
                } else if (System.nanoTime() - told > TICK_NANOS) {
                    tell(event("tick", "{\"now\":" + System.currentTimeMillis() + "}"));
                    told = System.nanoTime();
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.warn("the status page could not be brought up to date", e);
            }
        }
    }

    private static String stamped(String status) {
        return "{\"now\":" + System.currentTimeMillis() + ",\"status\":" + status + "}";
    }

    private static String event(String name, String data) {
        return "event: " + name + "\ndata: " + data + "\n\n";
    }

    private void tell(String event) {
        subscribers.forEach(one -> one.send(event));
    }

    /** Sends the status now and whenever it changes; false when there are too many already. */
    boolean subscribe(Request request, Response response, Callback callback) {
        if (closed || subscribers.size() >= MOST) {
            return false;
        }
        Subscriber one = new Subscriber(response, callback, subscribers::remove);
        subscribers.add(one);
        request.addFailureListener(one::fail);
        // Tells the browser how soon it may come back; then what it missed.
        one.send("retry: 1000\n" + (last.isEmpty() ? ": soon\n\n" : event("status", stamped(last))));
        if (closed) {
            one.end();
        }
        return true;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        subscribers.forEach(Subscriber::end);
    }
}
