package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.driver.LockQueues;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Waits for the entry ahead of a contender to go. */
final class EtcdAhead implements LockQueues.Watch {
    private static final Duration AFTER_BROKEN_WATCH = Duration.ofMillis(100);

    private final EtcdClient client;
    private final ByteString entry;
    private final long token;
    private final EtcdWatch watch;
    private final CompletableFuture<Void> stirred = new CompletableFuture<>();

    /** @param token of the contender that waits: an entry of the same name that is younger stands behind it */
    EtcdAhead(EtcdClient client, ByteString entry, long token) {
        this.client = client;
        this.entry = entry;
        this.token = token;
        watch = EtcdWatch.fromNow(client, entry, token);
        EtcdCall.whenDone(watch.confirmed(), (confirmed, failure) -> {
            if (failure == null) {
                look();
            }
        });
        EtcdCall.whenDone(watch.deleted(), (deleted, failure) -> {
            boolean pauses = failure != null && !stirred.isDone();
            if (!pauses || !client.later(AFTER_BROKEN_WATCH, this::stir)) {
                stir();
            }
        });
    }

    /** The entry may have gone before the watch began. */
    private void look() {
        if (stirred.isDone()) {
            return;
        }
        RangeRequest request = RangeRequest.newBuilder()
                .setKey(entry)
                .setMaxCreateRevision(token - 1)
                .setKeysOnly(true)
                .build();
        EtcdCall.whenDone(client.repeated(KVGrpc.getRangeMethod(), request, client.timeout()), (found, failure) -> {
            if (failure != null || found.getKvsCount() == 0) {
                stir();
            }
        });
    }

    private void stir() {
        stirred.complete(null);
    }

    @Override
    public CompletableFuture<Void> stirred() {
        return stirred;
    }

    @Override
    public void close() {
        stir();
        watch.close();
    }
}
