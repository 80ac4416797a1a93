package dev.holdfast.zoo.peers;

import dev.holdfast.spi.Key;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;

/** A mutex for each attempt, in a thread of its own, because only the thread that won it may release it. */
final class MutexPeer extends CuratorPeer {
    MutexPeer(PeerOptions options) {
        super(options);
    }

    private static final class Mutex extends InterProcessMutex {
        private final String value;

        Mutex(CuratorFramework client, String path, String value) {
            super(client, path);
            this.value = value;
        }

        @Override
        protected byte[] getLockNodeBytes() {
            return value.getBytes(StandardCharsets.UTF_8);
        }

        /** In the thread that holds it. */
        long token() {
            return sequence(getLockPath());
        }
    }

    @Override
    Optional<PeerLease> win(Key key, String value, Duration patience) throws Exception {
        Mutex mutex = new Mutex(client, path(key), value);
        ExecutorService owner = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "peer-mutex");
            thread.setDaemon(true);
            return thread;
        });
        Future<Long> winning =
                owner.submit(() -> mutex.acquire(patience.toNanos(), TimeUnit.NANOSECONDS) ? mutex.token() : 0L);
        long token = 0;
        try {
            token = winning.get();
        } catch (InterruptedException e) {
            winning.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            if (token == 0) {
                owner.shutdown();
            }
        }
        if (token == 0) {
            return Optional.empty();
        }
        return Optional.of(new PeerLease(
                this, key, token, mutex::isAcquiredInThisProcess, new CompletableFuture<>(), () -> {
                    Future<?> released = owner.submit(() -> {
                        mutex.release();
                        return null;
                    });
                    owner.shutdown();
                    return within(released);
                }));
    }
}
