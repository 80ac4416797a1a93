package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Waits for one key to be deleted, perhaps among others. Its futures are completed on the connection's thread.
 *
 * <p>Keys come again. A watch from now on begins where the server that serves it is, which may be behind the one that was
 * asked before, so it may tell of what happened long ago, to an earlier entry of the same name.
 */
final class EtcdWatch extends ClientCall.Listener<WatchResponse> implements AutoCloseable {
    /** From the first change after the server has confirmed the watch. */
    static final long FROM_NOW = 0;

    private final EtcdToken.@Nullable Use login;
    private final ClientCall<WatchRequest, WatchResponse> call;
    private final CompletableFuture<Void> confirmed = new CompletableFuture<>();
    private final CompletableFuture<Long> deleted = new CompletableFuture<>();
    private final ByteString key;
    private final @Nullable ByteString unless;
    private final long after;
    private final long from;

    private EtcdWatch(
            EtcdClient client,
            WatchCreateRequest.Builder request,
            ByteString key,
            @Nullable ByteString unless,
            long after) {
        this.key = key;
        this.unless = unless;
        this.after = after;
        this.from = request.getStartRevision();
        login = client.login();
        call = client.watch(login);
        call.start(this, EtcdCall.headers());
        call.request(1);
        call.sendMessage(WatchRequest.newBuilder()
                .setCreateRequest(request.addFilters(WatchCreateRequest.FilterType.NOPUT))
                .build());
    }

    /**
     * Waits for a key to be deleted from a revision on; fails when the store has not come to the one before it, as when it
     * was taken back to an earlier state. A server serves a watch that starts in its past up to 100 ms late, so who can
     * read the key again prefers to wait from now on.
     */
    static EtcdWatch since(EtcdClient client, ByteString key, long revision) {
        return new EtcdWatch(
                client,
                WatchCreateRequest.newBuilder().setKey(key).setStartRevision(revision),
                key,
                null,
                revision - 1);
    }

    /**
     * Waits from now on for a key to be deleted.
     *
     * @param after up to this revision, deletions are of earlier entries of that name
     */
    static EtcdWatch fromNow(EtcdClient client, ByteString key, long after) {
        return new EtcdWatch(
                client, WatchCreateRequest.newBuilder().setKey(key).setStartRevision(FROM_NOW), key, null, after);
    }

    /**
     * Waits from now on for one key of a range to be deleted while another one stays. Both are in one watch, because etcd
     * keeps the order of what happened, and a transaction together, only within a watch.
     *
     * @param unless whose deletion, before or together with that of {@code key}, makes it fail
     * @param after up to this revision, deletions are of earlier entries of those names
     */
    static EtcdWatch fromNow(EtcdClient client, EtcdKeys.Range range, ByteString key, ByteString unless, long after) {
        return new EtcdWatch(
                client,
                WatchCreateRequest.newBuilder()
                        .setKey(range.start())
                        .setRangeEnd(range.end())
                        .setStartRevision(FROM_NOW),
                key,
                unless,
                after);
    }

    /** Completes when no later deletion can be missed; fails when the watch ended before. */
    CompletableFuture<Void> confirmed() {
        return confirmed;
    }

    /** Completes with the revision in which the key was deleted; fails when the watch ended for another reason. */
    CompletableFuture<Long> deleted() {
        return deleted;
    }

    @Override
    public void onMessage(WatchResponse message) {
        if (message.getCanceled()) {
            end(Status.CANCELLED.withDescription(message.getCancelReason()));
        } else if (message.getCreated() && message.getHeader().getRevision() < from - 1) {
            end(Status.ABORTED.withDescription("the store is at an earlier revision"));
        } else {
            if (message.getCreated() || message.getEventsCount() > 0) {
                confirmed.complete(null);
            }
            gone(message.getEventsList().stream()
                    .filter(event -> event.getType() == Event.EventType.DELETE)
                    .map(Event::getKv)
                    .filter(gone -> gone.getModRevision() > after)
                    .toList());
        }
        call.request(1);
    }

    /** All that a transaction deleted stands in one message. */
    private void gone(List<KeyValue> all) {
        if (all.stream().anyMatch(each -> each.getKey().equals(unless))) {
            fail(Status.ABORTED.withDescription("the entry was deleted"));
        } else {
            all.stream()
                    .filter(each -> each.getKey().equals(key))
                    .findFirst()
                    .ifPresent(each -> deleted.complete(each.getModRevision()));
        }
    }

    private void end(Status status) {
        fail(status);
        close();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        fail(status);
    }

    private void fail(Status status) {
        if (login != null && EtcdErrors.isStaleToken(status.asRuntimeException())) {
            login.refused();
        }
        confirmed.completeExceptionally(status.asRuntimeException());
        deleted.completeExceptionally(status.asRuntimeException());
    }

    @Override
    public void close() {
        call.cancel("no longer wanted", null);
    }
}
