package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.HALock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/**
 * Tells of every change in the queue of a lock, which need not be there yet. A persistent watch is kept by the servers for
 * as long as the session lives, and set again in the next one.
 */
final class ZooKeeperQueueWatch implements HALock.Watch {
    private static final Duration RETRY = Duration.ofMillis(500);

    private final ZooKeeperClient client;
    private final ZooKeeperRoots roots;
    private final String queue;
    private final Runnable changed;
    private volatile @Nullable InOneSession current;
    private volatile boolean closed;

    ZooKeeperQueueWatch(ZooKeeperClient client, ZooKeeperRoots roots, String queue, Runnable changed) {
        this.client = client;
        this.roots = roots;
        this.queue = queue;
        this.changed = changed;
        begin();
    }

    private void begin() {
        if (closed) {
            return;
        }
        long end = client.end();
        CompletableFuture<Void> set = roots.admitted(end, () -> client.once(end, zk -> new InOneSession(zk).set()));
        ZooKeeperCall.whenDone(set, (done, failure) -> {
            if (failure == null) {
                changed.run();
            } else {
                boolean unused = client.later(RETRY, this::begin);
            }
        });
    }

    private final class InOneSession implements Watcher {
        private final ZooKeeper zk;
        private final AtomicBoolean over = new AtomicBoolean();

        InOneSession(ZooKeeper zk) {
            this.zk = zk;
        }

        CompletableFuture<Void> set() {
            current = this;
            return ZooKeeperCall.addWatch(zk, queue, this, AddWatchMode.PERSISTENT)
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            over.set(true); // and begun again by who asked for it
                        }
                        if (closed) {
                            remove();
                        }
                    });
        }

        /** What changed while there was no connection is not told of afterwards: so look when there is one again. */
        @Override
        public void process(WatchedEvent event) {
            boolean ofSession = event.getType() == Event.EventType.None;
            boolean ended = event.getState() == Event.KeeperState.Expired
                    || event.getState() == Event.KeeperState.Closed
                    || event.getState() == Event.KeeperState.AuthFailed;
            if (closed || over.get()) {
                return;
            }
            if (ofSession && ended) {
                if (over.compareAndSet(false, true)) {
                    boolean unused = client.later(RETRY, ZooKeeperQueueWatch.this::begin);
                }
            } else if (event.getState() != Event.KeeperState.Disconnected) {
                changed.run();
            }
        }

        void remove() {
            zk.removeWatches(queue, this, WatcherType.Any, true, (code, at, context) -> {}, null);
        }
    }

    @Override
    public void close() {
        closed = true;
        InOneSession last = current;
        if (last != null) {
            last.remove();
        }
    }
}
