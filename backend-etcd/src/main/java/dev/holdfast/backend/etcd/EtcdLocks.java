package dev.holdfast.backend.etcd;

import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockQueues;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The queues of the locks: an entry is a key attached to an etcd lease, and the one created first holds the lock. */
final class EtcdLocks implements LockQueues {
    private final EtcdClient client;
    private final EtcdKeys keys;
    private final LeaseThreads threads;
    private final Duration ttl;
    private final Set<EtcdQueueWatch> watches = ConcurrentHashMap.newKeySet();

    EtcdLocks(EtcdClient client, EtcdKeys keys, LeaseThreads threads, Duration ttl) {
        this.client = client;
        this.keys = keys;
        this.threads = threads;
        this.ttl = ttl;
    }

    @Override
    public CompletableFuture<EtcdSession> open() {
        return EtcdSession.open(client, keys, threads, ttl, () -> watches.forEach(EtcdQueueWatch::watchAgain));
    }

    @Override
    public CompletableFuture<Optional<Holder>> holder(Key lock) {
        RangeRequest request = EtcdTxn.names(keys.queue(lock), 1)
                .setKeysOnly(false)
                .setSortTarget(RangeRequest.SortTarget.CREATE)
                .setSortOrder(RangeRequest.SortOrder.ASCEND)
                .build();
        return client.repeated(KVGrpc.getRangeMethod(), request, client.timeout())
                .thenApply(found -> found.getKvsList().stream()
                        .findFirst()
                        .map(first -> new Holder(first.getValue().toStringUtf8(), first.getCreateRevision())));
    }

    @Override
    public HALock.Watch watch(Key lock, Runnable changed) {
        EtcdQueueWatch watch = new EtcdQueueWatch(client, keys.queue(lock), changed);
        watches.add(watch);
        return () -> {
            watches.remove(watch);
            watch.close();
        };
    }
}
