package dev.holdfast.ha;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A lease that has as much left as a test says. */
final class FakeLease implements Lease {
    private final long token;
    volatile Duration left = Duration.ofSeconds(10);
    volatile boolean released;

    /** What a node's own thread meets with when it asks. */
    volatile Error broken;

    FakeLease() {
        this(7);
    }

    FakeLease(long token) {
        this.token = token;
    }

    @Override
    public Key key() {
        return Key.of("core/lock");
    }

    @Override
    public long token() {
        return token;
    }

    @Override
    public boolean isHeld() {
        if (broken != null && Thread.currentThread().getName().equals("holdfast-ha-node")) {
            throw broken;
        }
        return !left.isZero() && !released;
    }

    @Override
    public Duration remaining() {
        return isHeld() ? left : Duration.ZERO;
    }

    @Override
    public CompletionStage<Loss> lost() {
        return new CompletableFuture<>();
    }

    @Override
    public void release() {
        released = true;
    }
}
