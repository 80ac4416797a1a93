package dev.holdfast.zoo.peers;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** What a recipe tells its winner. */
final class PeerLease implements Lease {
    private final Peer peer;
    private final Key key;
    private final long token;
    private final BooleanSupplier held;
    private final Callable<?> release;
    private final CompletableFuture<Loss> lost;
    private final AtomicBoolean over = new AtomicBoolean();

    /** @param lost completed by the recipe, if it tells of a loss at all */
    PeerLease(Peer peer, Key key, long token, BooleanSupplier held, CompletableFuture<Loss> lost, Callable<?> release) {
        this.peer = peer;
        this.key = key;
        this.token = token;
        this.held = held;
        this.lost = lost;
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
        return !over.get() && !lost.isDone() && held.getAsBoolean();
    }

    /** None of them says how long; this is what a user would reckon with. */
    @Override
    public Duration remaining() {
        return isHeld() ? peer.options.lockTtl() : Duration.ZERO;
    }

    @Override
    public CompletionStage<Loss> lost() {
        return lost.minimalCompletionStage();
    }

    @Override
    public void release() {
        peer.forget(this);
        if (over.compareAndSet(false, true) && !lost.isDone()) {
            try {
                var unused = release.call();
            } catch (Exception e) {
                throw new BackendException.OutcomeUnknown(peer.options.place().on("release", key), e.toString(), e);
            }
        }
    }

    /** When its client is closed; the store need not answer. */
    void end() {
        boolean unused = lost.complete(new Loss(Loss.Reason.CLOSED, "the client was closed"));
        try {
            var ignored = release.call();
        } catch (Exception e) {
            // its session ends with the client
        }
    }
}
