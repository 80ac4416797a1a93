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

/** Waits for one key to be deleted, perhaps among others. Its futures are completed on the connection's thread. */
final class EtcdWatch extends ClientCall.Listener<WatchResponse> implements AutoCloseable {
    /** From the first change after the server has confirmed the watch. */
    static final long FROM_NOW = 0;

    private final EtcdToken.@Nullable Use login;
    private final ClientCall<WatchRequest, WatchResponse> call;
    private final CompletableFuture<Void> confirmed = new CompletableFuture<>();
    private final CompletableFuture<Long> deleted = new CompletableFuture<>();
    private final @Nullable ByteString one;
    private final @Nullable ByteString unless;

    /**
     * @param revision the first revision of interest. A server serves a watch that starts in its past up to 100 ms
     *     late, so who can read the key again prefers {@link #FROM_NOW}.
     */
    EtcdWatch(EtcdClient client, ByteString key, long revision) {
        this(client, WatchCreateRequest.newBuilder().setKey(key).setStartRevision(revision), null, null);
    }

    /**
     * Waits for one key of a range to be deleted while another one stays, {@link #FROM_NOW}. Both are in one watch, because
     * etcd keeps the order of what happened, and a transaction together, only within a watch.
     *
     * @param unless whose deletion, before or together with that of {@code key}, makes it fail
     */
    EtcdWatch(EtcdClient client, EtcdKeys.Range range, ByteString key, ByteString unless) {
        this(
                client,
                WatchCreateRequest.newBuilder()
                        .setKey(range.start())
                        .setRangeEnd(range.end())
                        .setStartRevision(FROM_NOW),
                key,
                unless);
    }

    private EtcdWatch(
            EtcdClient client,
            WatchCreateRequest.Builder request,
            @Nullable ByteString one,
            @Nullable ByteString unless) {
        this.one = one;
        this.unless = unless;
        login = client.login();
        call = client.watch(login);
        call.start(this, EtcdCall.headers());
        call.request(1);
        call.sendMessage(WatchRequest.newBuilder()
                .setCreateRequest(request.addFilters(WatchCreateRequest.FilterType.NOPUT))
                .build());
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
            fail(Status.CANCELLED.withDescription(message.getCancelReason()));
            close();
        } else {
            if (message.getCreated() || message.getEventsCount() > 0) {
                confirmed.complete(null);
            }
            gone(message.getEventsList().stream()
                    .filter(event -> event.getType() == Event.EventType.DELETE)
                    .map(Event::getKv)
                    .toList());
        }
        call.request(1);
    }

    /** All that a transaction deleted stands in one message. */
    private void gone(List<KeyValue> all) {
        if (all.stream().map(KeyValue::getKey).anyMatch(key -> key.equals(unless))) {
            fail(Status.ABORTED.withDescription("the entry was deleted"));
        } else {
            all.stream()
                    .filter(each -> one == null || each.getKey().equals(one))
                    .findFirst()
                    .ifPresent(each -> deleted.complete(each.getModRevision()));
        }
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
