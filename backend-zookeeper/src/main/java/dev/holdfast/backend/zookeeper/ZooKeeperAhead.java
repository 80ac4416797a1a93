package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.driver.LockQueues;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/** Waits for a node to be deleted. Its future is completed on the thread that brings events. */
final class ZooKeeperAhead implements Watcher, LockQueues.Watch {
    private final String path;
    private final CompletableFuture<Void> stirred = new CompletableFuture<>();
    private volatile @Nullable ZooKeeper set;

    /** Begins to watch, from the moment at which the server is asked. */
    ZooKeeperAhead(ZooKeeperSession session, String path) {
        this.path = path;
        ZooKeeperCall.whenDone(session.repeated(this::set), (found, failure) -> {
            if (failure != null || found.isEmpty()) {
                stirred.complete(null);
            }
        });
    }

    private CompletableFuture<Optional<ZooKeeperCall.Node>> set(ZooKeeper zk) {
        set = zk;
        return ZooKeeperCall.read(zk, path, this);
    }

    @Override
    public CompletableFuture<Void> stirred() {
        return stirred;
    }

    @Override
    public void process(WatchedEvent event) {
        boolean onTheWay = event.getType() == Event.EventType.None
                && (event.getState() == Event.KeeperState.SyncConnected
                        || event.getState() == Event.KeeperState.Disconnected);
        if (!onTheWay) { // the client sets its watches again when it has connected again
            stirred.complete(null);
        }
    }

    @Override
    public void close() {
        boolean pending = !stirred.isDone();
        stirred.complete(null);
        ZooKeeper zk = set;
        if (pending && zk != null) {
            zk.removeWatches(path, this, WatcherType.Data, true, (code, at, context) -> {}, null);
        }
    }
}
