package dev.holdfast.zoo;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** A lease, passed on unchanged. */
public class PassedOn implements Lease {
    protected final Lease inner;

    public PassedOn(Lease inner) {
        this.inner = inner;
    }

    @Override
    public Key key() {
        return inner.key();
    }

    @Override
    public long token() {
        return inner.token();
    }

    @Override
    public boolean isHeld() {
        return inner.isHeld();
    }

    @Override
    public Duration remaining() {
        return inner.remaining();
    }

    @Override
    public CompletionStage<Loss> lost() {
        return inner.lost();
    }

    @Override
    public void release() {
        inner.release();
    }

    @Override
    public String toString() {
        return inner.toString();
    }
}
