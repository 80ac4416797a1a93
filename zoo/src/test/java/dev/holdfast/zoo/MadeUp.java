package dev.holdfast.zoo;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** A lease that no store backs: it is held until it is released. */
final class MadeUp implements Lease {
    private final Key key;
    private final long token;
    private final Runnable release;
    private final AtomicBoolean held = new AtomicBoolean(true);

    MadeUp(Key key, long token, Runnable release) {
        this.key = key;
        this.token = token;
        this.release = release;
    }

    @Override
    public Key key() {
        return key;
    }

    @Override
    public long token() {
        return token;
    }

    @Override
    public boolean isHeld() {
        return held.get();
    }

    @Override
    public Duration remaining() {
        return isHeld() ? Duration.ofDays(1) : Duration.ZERO;
    }

    @Override
    public CompletionStage<Loss> lost() {
        return new CompletableFuture<Loss>().minimalCompletionStage();
    }

    @Override
    public void release() {
        if (held.compareAndSet(true, false)) {
            release.run();
        }
    }
}
