package dev.holdfast.server.ui;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** One open page. Never blocks: while one event is under way, only the newest of those that come is kept. */
final class Subscriber {
    private final Response response;
    private final Callback callback;
    private final Consumer<Subscriber> gone;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable String next;
    private boolean underWay;
    private boolean ended;

    Subscriber(Response response, Callback callback, Consumer<Subscriber> gone) {
        this.response = response;
        this.callback = callback;
        this.gone = gone;
    }

    void send(String event) {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            if (underWay) {
                // A tick says less than a status that waits.
                next = next == null || !event.startsWith("event: tick") ? event : next;
                return;
            }
            underWay = true;
        } finally {
            lock.unlock();
        }
        write(event);
    }

    private void write(String event) {
        ByteBuffer bytes = ByteBuffer.wrap(event.getBytes(StandardCharsets.UTF_8));
        response.write(false, bytes, Callback.from(this::written, this::fail));
    }

    private void written() {
        String following;
        lock.lock();
        try {
            following = ended ? null : next;
            next = null;
            underWay = following != null;
        } finally {
            lock.unlock();
        }
        if (following != null) {
            write(following);
        }
    }

    void fail(Throwable failure) {
        if (first()) {
            callback.failed(failure);
        }
    }

    /** The connection ends here. */
    void end() {
        if (first()) {
            callback.succeeded();
        }
    }

    private boolean first() {
        lock.lock();
        try {
            if (ended) {
                return false;
            }
            ended = true;
        } finally {
            lock.unlock();
        }
        gone.accept(this);
        return true;
    }
}
