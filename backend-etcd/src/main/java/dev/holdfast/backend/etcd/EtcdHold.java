package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.SessionLease;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Tells a holder when its entry is deleted behind its back, while the session itself lives on (rule LO-03). */
final class EtcdHold implements AutoCloseable {
    /** A lock that is held for less than this costs no watch; one that is taken away is noticed this much later. */
    private static final Duration SOON = Duration.ofMillis(100);

    private static final Duration RETRY = Duration.ofMillis(250);

    private final EtcdClient client;
    private final EtcdSession session;
    private final ByteString entry;
    private final long token;
    private final SessionLease lease;
    private final Runnable onLoss;
    private volatile boolean closed;
    private volatile @Nullable EtcdWatch watch;

    /**
     * @param token the revision in which the entry was created: there may be others of its name, before and after it
     * @param onLoss runs when the lease has been lost alone; it waits for nobody who is told of that
     */
    EtcdHold(
            EtcdClient client, EtcdSession session, ByteString entry, long token, SessionLease lease, Runnable onLoss) {
        this.client = client;
        this.session = session;
        this.entry = entry;
        this.token = token;
        this.lease = lease;
        this.onLoss = onLoss;
    }

    /**
     * Starts to watch.
     *
     * @param revision the one after that in which the entry was seen
     */
    void begin(long revision) {
        session.add(this);
        client.later(SOON, () -> watch(revision));
    }

    private void watch(long revision) {
        if (closed) {
            return;
        }
        EtcdWatch started = EtcdWatch.since(client, entry, revision);
        watch = started;
        if (closed) {
            started.close();
        }
        EtcdCall.whenDone(started.deleted(), (deleted, failure) -> {
            if (failure == null) {
                lose();
            } else if (!closed) {
                client.later(RETRY, this::look);
            }
        });
    }

    /** Leaves a watch that may be on a connection which is dead without knowing. */
    void watchAgain() {
        EtcdWatch current = watch;
        if (current != null) {
            current.close(); // which ends it, and leads to a look
        }
    }

    /** The watch broke off: what happened meanwhile? */
    private void look() {
        if (closed) {
            return;
        }
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(entry)
                .setMinCreateRevision(token)
                .setMaxCreateRevision(token)
                .setKeysOnly(true)
                .build();
        EtcdCall.whenDone(client.repeated(KVGrpc.getRangeMethod(), request, client.timeout()), (found, failure) -> {
            if (failure != null) {
                client.later(RETRY, this::look);
            } else {
                resume(found);
            }
        });
    }

    private void resume(RangeResponse found) {
        if (found.getKvsCount() == 0) {
            lose();
        } else {
            watch(found.getHeader().getRevision() + 1);
        }
    }

    private void lose() {
        lease.lose(new Loss(Loss.Reason.REVOKED, "the lock's entry was deleted from etcd"));
        close();
        onLoss.run();
    }

    @Override
    public void close() {
        closed = true;
        session.remove(this);
        EtcdWatch current = watch;
        if (current != null) {
            current.close();
        }
    }
}
