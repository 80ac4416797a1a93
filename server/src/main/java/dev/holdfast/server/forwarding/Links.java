package dev.holdfast.server.forwarding;

import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.Ahead;
import dev.holdfast.server.cluster.TermCertificate;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The link to the active that was seen last. When another one leads, what waits for the old one is not left to wait. */
final class Links implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    private final Consumer<Link> prepare;
    private final Ahead<Link.Unbound> ahead = new Ahead<>("holdfast-server-link", Link.Unbound::create);
    private @Nullable Link current;
    private long madeAt;
    private boolean closed;

    /** @param prepare given each new link before it is used */
    Links(Consumer<Link> prepare) {
        this.prepare = prepare;
    }

    /** The link to this active; an older term's is closed. Null when a newer one is known, or this is closed. */
    @Nullable
    Link to(Advertisement active) {
        Link old;
        Link next;
        lock.lock();
        try {
            old = current;
            if (old != null && old.isTo(active)) {
                return old;
            }
            if (closed || (old != null && old.active().token() > active.token())) {
                return null;
            }
            TermCertificate shown = active.termCertificate();
            next = ahead.next().to(active, shown);
            prepare.accept(next);
            current = next;
            madeAt = System.nanoTime();
        } finally {
            lock.unlock();
        }
        closeAside(old);
        return next;
    }

    /**
     * The lock's store said that this one is active, when it was asked at that time. If a link that is older than that goes
     * to a later token, then the store was put back to an earlier state, or is another one, and that link is given up.
     *
     * @param asked on the monotonic clock
     */
    void correct(Advertisement active, long asked) {
        Link old;
        lock.lock();
        try {
            old = current;
            if (old == null || old.active().token() <= active.token() || madeAt - asked >= 0) {
                return;
            }
            current = null;
        } finally {
            lock.unlock();
        }
        closeAside(old);
    }

    /** What waits for it is told at once; who has a request for the next one is not to wait for the rest. */
    private static void closeAside(@Nullable Link old) {
        if (old != null) {
            Thread thread = new Thread(old::close, "holdfast-server-link");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** There is nobody to talk to, as on the active itself. */
    void drop() {
        end(false);
    }

    @Override
    public void close() {
        end(true);
        var unused = ahead.last().thenAccept(Link.Unbound::close);
    }

    private void end(boolean forGood) {
        Link old;
        lock.lock();
        try {
            closed |= forGood;
            old = current;
            current = null;
        } finally {
            lock.unlock();
        }
        if (old != null) {
            old.close();
        }
    }
}
