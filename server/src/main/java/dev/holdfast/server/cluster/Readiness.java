package dev.holdfast.server.cluster;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far this node has come, for who replaces nodes one by one: the next may go when this one is {@link Stage#UP}. A
 * change is logged, also when nobody asks. Safe for use by any number of threads.
 */
public final class Readiness implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Readiness.class);
    private static final long PERIOD_MILLIS = 200;

    private final Node node;
    private final Thread thread;
    private final ReentrantLock changing = new ReentrantLock();
    private final AtomicLong asking = new AtomicLong();

    /** Which answer is the last one that was taken note of; who began to ask before that came too late. */
    private long answered;

    private Stage last = Stage.SEALED;

    /** The unsealed node that was up last, so that one which lost its active can be told from one that never had it. */
    private volatile @Nullable ClusterNode wasUp;

    /** What a node is to an operator. */
    public enum Stage {
        /** It has no keys. */
        SEALED,
        /** It has joined, and it or the active has not answered to the other since; or another one leads by now. */
        INITIALIZING,
        /** It is active; or it stands by, has heard the present active, reads from its store, and has all keys in use. */
        UP,
        /** It was up, and has lost its active or its store. */
        DOWN;

        /** As operators see it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Readiness(Node node) {
        this.node = node;
        thread = new Thread(this::run, "holdfast-server-readiness");
        thread.setDaemon(true);
    }

    /** Begins to log changes by itself. */
    public void start() {
        thread.start();
    }

    /** As of now. */
    public Stage stage() {
        long asked = asking.incrementAndGet();
        ClusterNode cluster = node.cluster().orElse(null);
        // It may ask storage, for which nobody else is to wait.
        Stage now = stage(cluster);
        changing.lock();
        try {
            if (asked < answered) {
                return now;
            }
            answered = asked;
            if (now == Stage.UP) {
                wasUp = cluster;
            }
            if (now != last) {
                log.info("health status changes from '{}' to '{}'", last, now);
                last = now;
            }
            return now;
        } finally {
            changing.unlock();
        }
    }

    private Stage stage(@Nullable ClusterNode cluster) {
        if (cluster == null) {
            return Stage.SEALED;
        }
        if (cluster.active().isPresent() || hasCaughtUp(cluster)) {
            return Stage.UP;
        }
        boolean lost = !cluster.reachesStorage() || !cluster.reachesActive();
        return cluster == wasUp && lost ? Stage.DOWN : Stage.INITIALIZING;
    }

    private static boolean hasCaughtUp(ClusterNode cluster) {
        Optional<Advertisement> leader = cluster.leader();
        if (leader.isEmpty() || !cluster.reachesActive() || !cluster.reachesStorage()) {
            return false;
        }
        if (!cluster.talksTo(leader.get())) {
            return true;
        }
        Heartbeat beat = cluster.peers().heartbeat().orElse(null);
        return beat != null
                && beat.token() == leader.get().token()
                && beat.keyTerm() <= cluster.barrier().term();
    }

    private void run() {
        try {
            while (true) {
                try {
                    Stage unused = stage();
                } catch (RuntimeException e) {
                    log.warn("how far this node is cannot be told", e);
                }
                TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
