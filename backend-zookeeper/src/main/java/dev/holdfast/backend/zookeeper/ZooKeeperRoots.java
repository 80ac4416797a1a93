package dev.holdfast.backend.zookeeper;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.data.ACL;

/** Makes the nodes that stay for ever, when they are found missing. */
final class ZooKeeperRoots {
    private final ZooKeeperClient client;
    private final ZooKeeperKeys keys;
    private final List<ACL> acl;
    private volatile boolean admitted;

    ZooKeeperRoots(ZooKeeperClient client, ZooKeeperKeys keys, List<ACL> acl) {
        this.client = client;
        this.keys = keys;
        this.acl = acl;
    }

    /**
     * Does what comes after it once this instance was let in. ZooKeeper believes whatever name and password it is given,
     * and only finds them wrong at a node that belongs to somebody else; at one that is not there it says no more than
     * that. So an instance first reads or makes the root, once.
     */
    <T> CompletableFuture<T> admitted(long end, Supplier<CompletableFuture<T>> next) {
        if (admitted) {
            return next.get();
        }
        String root = keys.directory("");
        return client.repeated(end, zk -> ZooKeeperCall.read(zk, root, null))
                .thenCompose(found -> found.isPresent() ? CompletableFuture.completedFuture(null) : makeData(end))
                .thenCompose(there -> {
                    admitted = true;
                    return next.get();
                });
    }

    /** Who may use the nodes. */
    List<ACL> acl() {
        return acl;
    }

    /** The root of all directories. */
    CompletableFuture<Void> makeData(long end) {
        return make(keys.directory(""), CreateMode.PERSISTENT, new byte[0], end);
    }

    /** The fence, on the ground. */
    CompletableFuture<Void> makeFence(long end) {
        return make(keys.fence(), CreateMode.PERSISTENT, new byte[0], end);
    }

    /** A lock's queue; the servers remove it when it has been empty for some minutes. */
    CompletableFuture<Void> makeQueue(String queue, long end) {
        return make(queue, CreateMode.CONTAINER, new byte[0], end);
    }

    /** From the bottom up, because nothing may be allowed to us above the first node that is there. */
    private CompletableFuture<Void> make(String path, CreateMode mode, byte[] data, long end) {
        CompletableFuture<Void> made = client.repeated(end, zk -> ZooKeeperCall.create(zk, path, data, acl, mode));
        return made.exceptionallyCompose(failure -> {
            if (ZooKeeperErrors.is(failure, Code.NODEEXISTS)) {
                return CompletableFuture.completedFuture(null);
            }
            int slash = path.lastIndexOf('/');
            if (ZooKeeperErrors.is(failure, Code.NONODE) && slash > 0) {
                return make(path.substring(0, slash), CreateMode.PERSISTENT, new byte[0], end)
                        .thenCompose(parent -> make(path, mode, data, end));
            }
            return CompletableFuture.failedFuture(failure);
        });
    }
}
