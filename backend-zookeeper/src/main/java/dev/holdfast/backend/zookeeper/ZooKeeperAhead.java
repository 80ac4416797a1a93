package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.driver.LockQueues;
import dev.holdfast.spi.driver.LockQueues.Standing;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the node ahead to be deleted. Its future is completed on the thread that brings events.
 *
 * <p>When the node ahead was the only one, its deletion makes the next one the first, which saves a look, if that one's own
 * entry was there at that moment: it is watched as well, and a session hears of changes in their order. It no longer does
 * when it was cut off meanwhile: then what has gone since is told in any order.
 */
final class ZooKeeperAhead implements Watcher, LockQueues.Watch {
    private final String path;
    private final String own;
    private final Optional<Standing> afterwards;
    private final CompletableFuture<Void> stirred = new CompletableFuture<>();
    private volatile Optional<Standing> standing = Optional.empty();

    /** The own entry was there when the watches were set. */
    private volatile boolean seen;

    /** It has gone since, or the order of events is not that of the changes any more. */
    private volatile boolean unsure;

    private volatile @Nullable ZooKeeper set;

    /**
     * Begins to watch, from the moment at which the server is asked.
     *
     * @param path the entry ahead
     * @param own the entry of who waits
     * @param afterwards where that one stands when the entry ahead has gone; empty where that is not known without a look
     */
    ZooKeeperAhead(ZooKeeperSession session, String path, String own, Optional<Standing> afterwards) {
        this.path = path;
        this.own = own;
        this.afterwards = afterwards;
        ZooKeeperCall.whenDone(session.repeated(this::set), (found, failure) -> {
            if (failure != null || !found) {
                stirred.complete(null);
            }
        });
    }

    /** In one flight; whether both are there. */
    private CompletableFuture<Boolean> set(ZooKeeper zk) {
        set = zk;
        CompletableFuture<Boolean> ownFound =
                ZooKeeperCall.read(zk, own, this::ofOwn).thenApply(found -> seen = found.isPresent());
        return ZooKeeperCall.read(zk, path, this).thenCombine(ownFound, (found, there) -> found.isPresent() && there);
    }

    @Override
    public CompletableFuture<Void> stirred() {
        return stirred;
    }

    @Override
    public Optional<Standing> standing() {
        return standing;
    }

    @Override
    public void process(WatchedEvent event) {
        if (isOnTheWay(event)) { // the client sets its watches again when it has connected again
            unsure = true;
            return;
        }
        if (event.getType() == Event.EventType.NodeDeleted && seen && !unsure) {
            standing = afterwards;
        }
        stirred.complete(null);
    }

    private void ofOwn(WatchedEvent event) {
        if (!isOnTheWay(event)) {
            unsure = true;
            stirred.complete(null);
        }
    }

    private static boolean isOnTheWay(WatchedEvent event) {
        return event.getType() == Event.EventType.None
                && (event.getState() == Event.KeeperState.SyncConnected
                        || event.getState() == Event.KeeperState.Disconnected);
    }

    /** The watch of one's own entry goes with that. */
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
