package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.Loss;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Gets an entry out of its queue, by one of three ways, each of which harms nothing when it is tried again; they are, until
 * one attempt is answered or the session has ended. What comes back says whether the entry's name is free for another one.
 */
final class EtcdRemoval {
    private static final Duration RETRY = Duration.ofMillis(500);

    private final EtcdClient client;
    private final EtcdSession session;
    private final ByteString entry;
    private final Duration patience;
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();

    /** @param patience how long to try before the whole session is given up for it */
    EtcdRemoval(EtcdClient client, EtcdSession session, ByteString entry, Duration patience) {
        this.client = client;
        this.session = session;
        this.entry = entry;
        this.patience = patience;
    }

    /** One attempt; whether the name is free then. */
    private interface Way {
        CompletableFuture<Boolean> attempt();
    }

    /** Removes the very entry that was created then, or that came back in its place when the store was restored. */
    CompletableFuture<Boolean> own(long created) {
        return by(() -> removeOwn(created));
    }

    /** Removes whatever has the name. It is never free again: a removal that is late itself would take the next one for this. */
    CompletableFuture<Boolean> any() {
        return by(() -> commit(TxnRequest.newBuilder().addSuccess(EtcdTxn.delete(entry)))
                .thenApply(answer -> false));
    }

    /**
     * As {@link #any}, and shuts out a request to create it that may still be under way: the session's gate is raised in
     * the same step, and the request finds it shut.
     */
    CompletableFuture<Boolean> shutOut() {
        return by(() -> commit(TxnRequest.newBuilder()
                        .addSuccess(EtcdTxn.delete(entry))
                        .addSuccess(EtcdTxn.put(PutRequest.newBuilder()
                                .setKey(session.gate())
                                .setLease(session.id())
                                .build()))
                        .addSuccess(EtcdTxn.get(session.gate())))
                .thenApply(answer -> {
                    session.gateRaised(EtcdTxn.versionOf(EtcdTxn.reads(answer).get(0)));
                    return false;
                }));
    }

    private CompletableFuture<Boolean> removeOwn(long created) {
        TxnRequest.Builder txn = TxnRequest.newBuilder()
                .addCompare(EtcdTxn.created(entry, created))
                .addSuccess(EtcdTxn.delete(entry))
                .addFailure(EtcdTxn.get(entry));
        return commit(txn).thenCompose(answer -> {
            RangeResponse other = answer.getSucceeded()
                    ? RangeResponse.getDefaultInstance()
                    : EtcdTxn.reads(answer).get(0);
            return other.getKvsCount() > 0
                    ? removeOwn(other.getKvs(0).getCreateRevision())
                    : CompletableFuture.completedFuture(true);
        });
    }

    private CompletableFuture<TxnResponse> commit(TxnRequest.Builder txn) {
        return client.repeated(KVGrpc.getTxnMethod(), txn.build(), client.timeout());
    }

    private CompletableFuture<Boolean> by(Way way) {
        attempt(way, System.nanoTime());
        return done;
    }

    private void attempt(Way way, long began) {
        EtcdCall.whenDone(way.attempt(), (free, failure) -> {
            if (failure == null) {
                done.complete(free);
            } else if (EtcdErrors.isLeaseGone(failure)) {
                session.lost(); // and the entry with it
                done.complete(false);
            } else {
                attemptLater(way, began, failure);
            }
        });
    }

    private void attemptLater(Way way, long began, Throwable failure) {
        if (System.nanoTime() - began > patience.toNanos()) {
            // Otherwise the lock would stay taken for as long as the session is renewed.
            session.leases()
                    .end(new Loss(
                            Loss.Reason.REVOKED,
                            "the session was given up, because a lock's entry could not be removed: " + failure));
        }
        boolean goneWithSession = session.ended().isDone();
        if (goneWithSession || !client.later(RETRY, () -> attempt(way, began))) {
            done.completeExceptionally(failure);
        }
    }
}
