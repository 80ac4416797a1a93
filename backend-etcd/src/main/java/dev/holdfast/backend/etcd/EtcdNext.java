package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.driver.LockQueues;
import dev.holdfast.spi.driver.LockQueues.Standing;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * Waits for the entry ahead of a contender to go, when it is the only one: then the lock is the contender's, and nobody
 * needs to look. Its own entry is in the same watch, so that it is known to have been there until then.
 *
 * <p>Only one contender of a lock stands next to the holder, so it may hear of all that leave the queue.
 */
final class EtcdNext implements LockQueues.Watch {
    private static final Duration AFTER_BROKEN_WATCH = Duration.ofMillis(100);

    private final EtcdWatch watch;
    private final CompletableFuture<Void> stirred = new CompletableFuture<>();
    private volatile Optional<Standing> standing = Optional.empty();

    /**
     * @param look finds out where the contender stands
     * @param first where it stands when all ahead of it had gone at a revision
     */
    EtcdNext(
            EtcdClient client,
            EtcdKeys.Range queue,
            ByteString entry,
            Standing behind,
            Supplier<CompletableFuture<Standing>> look,
            LongFunction<Standing> first) {
        ByteString ahead = ByteString.copyFromUtf8(behind.ahead().orElseThrow());
        watch = EtcdWatch.fromNow(client, queue, ahead, entry, behind.token());
        CompletableFuture<Standing> known = watch.confirmed()
                .thenCompose(confirmed -> look.get()) // the queue may have changed before the watch began
                .thenCompose(now -> now.equals(behind)
                        ? watch.deleted().thenApply(first::apply)
                        : CompletableFuture.completedFuture(now));
        EtcdCall.whenDone(known, (now, failure) -> {
            if (failure == null) {
                standing = Optional.of(now);
                stir();
            } else if (stirred.isDone() || !client.later(AFTER_BROKEN_WATCH, this::stir)) {
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
    public Optional<Standing> standing() {
        return standing;
    }

    @Override
    public void close() {
        stir();
        watch.close();
    }
}
