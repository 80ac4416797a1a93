package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;

/** Waits for one key to be deleted. Its futures are completed on the connection's thread. */
final class EtcdWatch extends ClientCall.Listener<WatchResponse> implements AutoCloseable {
    /** From the first change after the server has confirmed the watch. */
    static final long FROM_NOW = 0;

    /** Asks a member that has lost its leader to say so, instead of going on silently. */
    private static final Metadata.Key<String> NEEDS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final ClientCall<WatchRequest, WatchResponse> call;
    private final CompletableFuture<Void> confirmed = new CompletableFuture<>();
    private final CompletableFuture<Void> deleted = new CompletableFuture<>();

    /**
     * @param revision the first revision of interest. A server serves a watch that starts in its past up to 100 ms
     *     late, so who can read the key again prefers {@link #FROM_NOW}.
     */
    EtcdWatch(EtcdClient client, ByteString key, long revision) {
        call = client.watch();
        call.start(this, headers());
        call.request(1);
        call.sendMessage(WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(key)
                        .setStartRevision(revision)
                        .addFilters(WatchCreateRequest.FilterType.NOPUT))
                .build());
    }

    /** What the start of a watch is to say. */
    static Metadata headers() {
        Metadata headers = new Metadata();
        headers.put(NEEDS_LEADER, "true");
        return headers;
    }

    /** Completes when no later deletion can be missed; fails when the watch ended before. */
    CompletableFuture<Void> confirmed() {
        return confirmed;
    }

    /** Completes when the key was deleted; fails when the watch ended for another reason. */
    CompletableFuture<Void> deleted() {
        return deleted;
    }

    @Override
    public void onMessage(WatchResponse message) {
        if (message.getCanceled()) {
            fail(Status.CANCELLED.withDescription(message.getCancelReason()));
            close();
        } else if (message.getEventsList().stream().anyMatch(event -> event.getType() == Event.EventType.DELETE)) {
            confirmed.complete(null);
            deleted.complete(null);
        } else if (message.getCreated()) {
            confirmed.complete(null);
        }
        call.request(1);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        fail(status);
    }

    private void fail(Status status) {
        confirmed.completeExceptionally(status.asRuntimeException());
        deleted.completeExceptionally(status.asRuntimeException());
    }

    @Override
    public void close() {
        call.cancel("no longer wanted", null);
    }
}
