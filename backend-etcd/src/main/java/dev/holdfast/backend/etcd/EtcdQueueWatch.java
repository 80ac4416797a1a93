package dev.holdfast.backend.etcd;

import dev.holdfast.spi.HALock;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Tells of every change in the queue of a lock, over a new stream when one has broken. Each begins with the present and
 * reads nothing of the past, so that etcd may compact it as it likes.
 */
final class EtcdQueueWatch implements HALock.Watch {
    private static final Duration MEND = Duration.ofMillis(200);

    private final EtcdClient client;
    private final WatchRequest request;
    private final Runnable changed;
    private final AtomicReference<@Nullable Stream> current = new AtomicReference<>();
    private volatile boolean closed;

    EtcdQueueWatch(EtcdClient client, EtcdKeys.Range queue, Runnable changed) {
        this.client = client;
        this.changed = changed;
        request = WatchRequest.newBuilder()
                .setCreateRequest(WatchCreateRequest.newBuilder()
                        .setKey(queue.start())
                        .setRangeEnd(queue.end())
                        .setStartRevision(EtcdWatch.FROM_NOW))
                .build();
        begin();
    }

    private void begin() {
        Stream next = new Stream();
        current.set(next);
        next.start();
        if (closed) {
            next.cancel();
        }
    }

    /** One stream, whose callbacks come on the connection's thread. */
    private final class Stream extends ClientCall.Listener<WatchResponse> {
        private final EtcdToken.@Nullable Use login = client.login();
        private final ClientCall<WatchRequest, WatchResponse> call = client.watch(login);
        private final AtomicBoolean over = new AtomicBoolean();

        void start() {
            call.start(this, EtcdCall.headers());
            call.request(1);
            call.sendMessage(request);
        }

        @Override
        public void onMessage(WatchResponse message) {
            if (message.getCanceled()) {
                end(Status.UNKNOWN.withDescription(message.getCancelReason()));
                cancel();
                return;
            }
            if (message.getCreated() || message.getEventsCount() > 0) {
                changed.run();
            }
            call.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end(status);
        }

        private void end(Status why) {
            if (over.compareAndSet(false, true) && !closed) {
                if (login != null && EtcdErrors.isStaleToken(why.asRuntimeException())) {
                    login.refused();
                }
                boolean unused = client.later(MEND, EtcdQueueWatch.this::begin);
            }
        }

        void cancel() {
            call.cancel("no longer wanted", null);
        }
    }

    /** Leaves a stream that may be on a connection which is dead without knowing. */
    void watchAgain() {
        cancel(); // which ends it, and leads to another
    }

    @Override
    public void close() {
        closed = true;
        cancel();
    }

    private void cancel() {
        Stream last = current.get();
        if (last != null) {
            last.cancel();
        }
    }
}
