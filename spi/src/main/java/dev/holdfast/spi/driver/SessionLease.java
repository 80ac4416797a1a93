package dev.holdfast.spi.driver;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/** A lease that lives in a {@link LeaseSession}. It ends once: released, or lost alone, or lost with the session. */
public final class SessionLease implements Lease {
    private enum State {
        HELD,
        RELEASED,
        LOST
    }

    private final LeaseSession session;
    private final LeaseThreads threads;
    private final Key key;
    private final long token;
    private final Runnable release;
    private final AtomicReference<State> state = new AtomicReference<>(State.HELD);
    private final CompletableFuture<Loss> lost = new CompletableFuture<>();

    SessionLease(LeaseSession session, LeaseThreads threads, Key key, long token, Runnable release) {
        this.session = session;
        this.threads = threads;
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
        return state.get() == State.HELD && session.isAlive();
    }

    @Override
    public Duration remaining() {
        return isHeld() ? Duration.ofNanos(session.remainingNanos()) : Duration.ZERO;
    }

    @Override
    public CompletionStage<Loss> lost() {
        return lost.minimalCompletionStage();
    }

    @Override
    public void release() {
        session.endIfOverdue();
        if (state.compareAndSet(State.HELD, State.RELEASED)) {
            session.forget(this);
            release.run();
        }
    }

    /** Ends this lease alone, when the store says that its lock is gone; the first reason given stands. */
    public void lose(Loss loss) {
        lose(loss, () -> {});
    }

    /** As {@link #lose(Loss)}; {@code told} runs, in any case, when those who waited for the loss have been told. */
    void lose(Loss loss, Runnable told) {
        if (!state.compareAndSet(State.HELD, State.LOST)) {
            told.run();
            return;
        }
        session.forget(this);
        // Elsewhere, because dependents are the user's code and may block (rule LO-06).
        threads.tell(() -> {
            try {
                lost.complete(loss);
            } finally {
                told.run();
            }
        });
    }

    @Override
    public String toString() {
        return "lease on '" + key + "', token " + token + ", " + state.get();
    }
}
