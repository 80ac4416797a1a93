package dev.holdfast.backend.zookeeper;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** Waits for a node to be deleted. Its future is completed on the thread that brings events. */
final class ZooKeeperWatch implements Watcher, AutoCloseable {
    private final ZooKeeper zk;
    private final String path;
    private final CompletableFuture<Void> stirred = new CompletableFuture<>();

    private ZooKeeperWatch(ZooKeeper zk, String path) {
        this.zk = zk;
        this.path = path;
    }

    /** Begins to watch, from the moment at which the server is asked. */
    static ZooKeeperWatch on(ZooKeeper zk, String path) {
        ZooKeeperWatch watch = new ZooKeeperWatch(zk, path);
        CompletableFuture<Optional<ZooKeeperCall.Node>> there = ZooKeeperCall.read(zk, path, watch);
        ZooKeeperCall.whenDone(there, (found, failure) -> {
            if (failure != null || found.isEmpty()) {
                watch.stirred.complete(null);
            }
        });
        return watch;
    }

    /** Completes when the node was deleted, or when that can no longer be noticed: look again. */
    CompletableFuture<Void> stirred() {
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
        if (!stirred.isDone()) {
            stirred.complete(null);
            zk.removeWatches(path, this, WatcherType.Data, true, (code, at, context) -> {}, null);
        }
    }
}
