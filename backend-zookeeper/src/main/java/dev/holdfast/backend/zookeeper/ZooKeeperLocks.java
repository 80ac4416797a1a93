package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockQueues;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The queues of the locks: an entry is an ephemeral sequential node, and the one created first holds the lock. */
final class ZooKeeperLocks implements LockQueues {
    private final ZooKeeperOptions options;
    private final ZooKeeperKeys keys;
    private final ZooKeeperClient data;
    private final ZooKeeperReads reads;
    private final ZooKeeperRoots roots;
    private final LeaseThreads threads;

    ZooKeeperLocks(
            ZooKeeperOptions options,
            ZooKeeperKeys keys,
            ZooKeeperClient data,
            ZooKeeperReads reads,
            ZooKeeperRoots roots,
            LeaseThreads threads) {
        this.options = options;
        this.keys = keys;
        this.data = data;
        this.reads = reads;
        this.roots = roots;
        this.threads = threads;
    }

    @Override
    public CompletableFuture<ZooKeeperSession> open() {
        return ZooKeeperSession.open(options, threads, keys, data, reads, roots);
    }

    @Override
    public CompletableFuture<Optional<Holder>> holder(Key lock) {
        String queue = keys.queue(lock);
        long end = data.end();
        return roots.admitted(end, () -> holder(queue, end));
    }

    @Override
    public HALock.Watch watch(Key lock, Runnable changed) {
        return new ZooKeeperQueueWatch(data, roots, keys.queue(lock), changed);
    }

    private CompletableFuture<Optional<Holder>> holder(String queue, long end) {
        return data.repeated(end, zk -> reads.current(zk, () -> ZooKeeperCall.children(zk, queue)))
                .thenCompose(names -> {
                    Optional<String> first = ZooKeeperQueue.first(names);
                    if (first.isEmpty()) {
                        return CompletableFuture.completedFuture(Optional.empty());
                    }
                    return data.repeated(end, zk -> ZooKeeperCall.read(zk, queue + "/" + first.get(), null))
                            .thenCompose(found -> found.isEmpty()
                                    ? holder(queue, end) // it has left meanwhile
                                    : CompletableFuture.completedFuture(found.map(ZooKeeperLocks::holder)));
                });
    }

    private static Holder holder(ZooKeeperCall.Node entry) {
        return new Holder(
                new String(entry.data(), StandardCharsets.UTF_8), entry.stat().getCzxid());
    }
}
