package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.driver.LockQueues;
import dev.holdfast.spi.driver.LockQueues.Standing;
import dev.holdfast.spi.driver.SessionLease;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One entry in the queue of one lock. The one that was created first holds the lock. */
final class EtcdContender implements LockQueues.Contender {
    private final EtcdClient client;
    private final EtcdSession session;
    private final Key lock;
    private final int number;
    private final EtcdKeys.Range queue;
    private final ByteString entry;
    private final Duration patience;
    private final CompletableFuture<Void> left = new CompletableFuture<>();
    private final AtomicReference<Presence> presence = new AtomicReference<>(Presence.NONE);

    /** What is known of the entry in the store. */
    private enum Presence {
        NONE,
        /** It may be there, and a request to create it may be under way. */
        UNSURE,
        /** It may be there, and no request is under way. */
        ANSWERED,
        QUEUED,
        LEAVING
    }

    /** The last revision of the store in which the entry was seen in the queue. */
    private volatile long seen;

    /** How many others were seen ahead of it: 0, 1, or 2 for more. */
    private volatile long others;

    private volatile long token;

    private volatile @Nullable EtcdHold hold;

    /** @param patience how long to try to remove the entry before the whole session is given up for it */
    EtcdContender(EtcdClient client, EtcdKeys keys, EtcdSession session, Key lock, Duration patience) {
        this.client = client;
        this.session = session;
        this.lock = lock;
        this.number = session.numbers().take(lock);
        this.queue = keys.queue(lock);
        this.entry = keys.contender(lock, session.id(), number);
        this.patience = patience;
        session.coming(entry);
    }

    /** In one round trip. A repeated request could arrive after the entry was removed again, and queue a ghost. */
    @Override
    public CompletableFuture<Standing> join(String value, boolean onlyIfFree) {
        long gate = session.gateVersion();
        PutRequest put = PutRequest.newBuilder()
                .setKey(entry)
                .setValue(ByteString.copyFromUtf8(value))
                .setLease(session.id())
                .build();
        TxnRequest.Builder txn = TxnRequest.newBuilder()
                .addCompare(EtcdTxn.version(session.gate(), gate))
                .addCompare(EtcdTxn.absent(entry)) // or it would keep the place of an old one that came back
                .addSuccess(EtcdTxn.put(put))
                .addSuccess(EtcdTxn.read(last(0, 3)))
                .addFailure(EtcdTxn.get(session.gate()))
                .addFailure(EtcdTxn.get(entry))
                .addFailure(EtcdTxn.read(EtcdTxn.names(queue, 1)));
        if (onlyIfFree) {
            txn.addCompare(EtcdTxn.empty(queue));
        }
        if (!presence.compareAndSet(Presence.NONE, Presence.UNSURE)) {
            return CompletableFuture.completedFuture(Standing.GONE); // given up meanwhile
        }
        return client.once(KVGrpc.getTxnMethod(), txn.build(), client.timeout())
                .thenCompose(answer -> {
                    List<RangeResponse> reads = EtcdTxn.reads(answer);
                    if (answer.getSucceeded()) {
                        long revision = answer.getHeader().getRevision();
                        Standing standing = stands(revision, revision, reads.get(0));
                        presence.compareAndSet(Presence.UNSURE, Presence.QUEUED);
                        return CompletableFuture.completedFuture(standing);
                    }
                    session.gateFound(gate, EtcdTxn.versionOf(reads.get(0)));
                    if (reads.get(1).getKvsCount() > 0) {
                        return CompletableFuture.completedFuture(Standing.GONE); // unsure: it and its name are given up
                    }
                    presence.compareAndSet(Presence.UNSURE, Presence.NONE);
                    return EtcdTxn.versionOf(reads.get(0)) == gate
                            ? CompletableFuture.completedFuture(new Standing(0, ahead(reads.get(2))))
                            : join(value, onlyIfFree);
                })
                .exceptionallyCompose(this::notJoined);
    }

    private CompletableFuture<Standing> notJoined(Throwable failure) {
        if (EtcdErrors.isLeaseGone(failure)) {
            presence.compareAndSet(Presence.UNSURE, Presence.NONE);
            session.lost();
            return CompletableFuture.completedFuture(Standing.GONE);
        }
        if (EtcdErrors.isNotSent(failure) || EtcdErrors.isRefused(failure)) {
            presence.compareAndSet(Presence.UNSURE, Presence.NONE);
        } else if (EtcdErrors.isFull(failure)) {
            presence.compareAndSet(Presence.UNSURE, Presence.ANSWERED);
            return CompletableFuture.failedFuture(new EtcdErrors.Full(failure));
        }
        return CompletableFuture.failedFuture(failure);
    }

    @Override
    public CompletableFuture<Standing> look(Standing before) {
        long created = before.token();
        TxnRequest txn = TxnRequest.newBuilder()
                .addSuccess(EtcdTxn.get(entry))
                .addSuccess(EtcdTxn.read(last(created - 1, 2)))
                .build();
        return client.repeated(KVGrpc.getTxnMethod(), txn, client.timeout()).thenApply(answer -> {
            List<RangeResponse> reads = EtcdTxn.reads(answer);
            if (reads.get(0).getKvsList().stream().noneMatch(kv -> kv.getCreateRevision() == created)) {
                return Standing.GONE;
            }
            return stands(created, answer.getHeader().getRevision(), reads.get(1));
        });
    }

    private Standing stands(long created, long revision, RangeResponse last) {
        seen = revision;
        token = created;
        others = last.getKvsList().stream()
                .filter(kv -> !kv.getKey().equals(entry))
                .count();
        return new Standing(created, ahead(last));
    }

    @Override
    public LockQueues.Watch watch(String ahead) {
        if (others > 1) {
            return new EtcdAhead(client, ByteString.copyFromUtf8(ahead), token);
        }
        Standing behind = new Standing(token, Optional.of(ahead));
        return new EtcdNext(client, queue, entry, behind, () -> look(behind), revision -> {
            seen = revision;
            return new Standing(behind.token(), Optional.empty());
        });
    }

    @Override
    public void won(SessionLease lease) {
        EtcdHold begun = new EtcdHold(client, session, entry, token, lease, this::lost);
        EtcdCall.whenDone(lease.lost(), (loss, failure) -> lost());
        hold = begun;
        begun.begin(seen + 1);
    }

    /** Alone, because the entry was deleted behind its back, or perhaps replaced; or with the session and all that is in it. */
    private void lost() {
        if (session.leases().isAlive()) {
            var unused = leave();
        } else {
            session.left(entry);
        }
    }

    @Override
    public CompletableFuture<Void> leave() {
        Presence before = presence.getAndSet(Presence.LEAVING);
        if (before != Presence.LEAVING) { // or it would strike off who has the name by now
            EtcdHold begun = hold;
            if (begun != null) {
                begun.close();
            }
            session.left(entry);
        }
        EtcdRemoval removal = new EtcdRemoval(client, session, entry, patience);
        switch (before) {
            case NONE -> left(true);
            case UNSURE -> leaveWith(removal.shutOut());
            case ANSWERED -> leaveWith(removal.any());
            case QUEUED -> leaveWith(removal.own(token));
            case LEAVING -> {}
        }
        return left.copy(); // because who waits for it may cancel it
    }

    private void leaveWith(CompletableFuture<Boolean> removed) {
        EtcdCall.whenDone(removed, (free, failure) -> {
            if (failure == null) {
                left(free);
            } else {
                left.completeExceptionally(failure);
            }
        });
    }

    /** @param free whether somebody else may have the name */
    private void left(boolean free) {
        if (free) {
            session.numbers().free(lock, number);
        }
        left.complete(null);
    }

    /** The entries created last, up to a revision; 0 for all. */
    private RangeRequest.Builder last(long upTo, long limit) {
        return EtcdTxn.names(queue, limit)
                .setMaxCreateRevision(upTo)
                .setSortTarget(RangeRequest.SortTarget.CREATE)
                .setSortOrder(RangeRequest.SortOrder.DESCEND);
    }

    private Optional<String> ahead(RangeResponse last) {
        return last.getKvsList().stream()
                .map(KeyValue::getKey)
                .filter(key -> !key.equals(entry))
                .map(ByteString::toStringUtf8)
                .findFirst();
    }
}
