package dev.holdfast.ha;

import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One node of a service that is active on one node at a time. It contends for a lock, makes storage safe to write when it
 * has won, starts the service, and stops it when the lease is lost, storage cannot be reached, or it is asked to; then it
 * contends again, until it is closed.
 *
 * <pre>{@code
 * HAStorage pair = HAStorage.open(Backends.load(), "inmem", Map.of("store", "docs"));
 * HANode node = HANode.of(pair, Key.of("jobs/lock"), "http://node-1:8080")
 *         .onActive(term -> jobs.start(term.storage()))
 *         .onStandby(why -> jobs.stop())
 *         .start();
 * }</pre>
 *
 * <p>The service writes through {@link Term#storage()}. It refuses work when {@link Term#isActive()} is false, which may be
 * before it is stopped: after a loss somebody else may be active already (rule SP-02). What was given as the lock's value
 * is what the other nodes learn about the leader: {@link #leader()}.
 *
 * <p>The callbacks of the service run in one thread, listeners in others, none of which renews the lease. Safe for use by
 * any number of threads.
 */
public final class HANode implements AutoCloseable {
    /** What a node is doing. */
    public enum State {
        /** It contends for the lock, or is about to. */
        STANDBY,
        /** It has won the lock and is not active yet. */
        TAKING_OVER,
        /** The service is active. */
        ACTIVE,
        /** The service is being stopped. */
        STOPPING,
        /** It does not contend, because the lock store is behind; see {@link HAEvent.Kind#LOCK_STORE_BEHIND}. */
        BLOCKED,
        /** It was closed. */
        CLOSED
    }

    private final Loop loop;
    private final Duration stepDownPause;

    HANode(HANodeBuilder builder) {
        stepDownPause = builder.stepDownPause;
        loop = new Loop(builder);
        loop.start();
    }

    /**
     * Describes a node; {@link HANodeBuilder#start()} starts it.
     *
     * @param pair stays the caller's, who closes it after the node
     * @param lock the lock of the service, the same on all nodes
     * @param value what others learn about this node while it leads, such as its address; at most
     *     {@link dev.holdfast.spi.HABackend#MAX_LOCK_VALUE_BYTES}
     */
    public static HANodeBuilder of(HAStorage pair, Key lock, String value) {
        return new HANodeBuilder(pair, lock, value);
    }

    /** What the node is doing now. */
    public State state() {
        return loop.state();
    }

    /** The term that the service is active in; empty when it is not. */
    public Optional<Term> term() {
        return loop.term();
    }

    /**
     * Who leads, as of the last answer of the lock's store: this node itself, or who holds the lock. Local, never blocks;
     * a change on another node is seen at once where the lock's store declares
     * {@link dev.holdfast.spi.Capability#WATCHES}, and elsewhere within {@link HANodeBuilder#leaderPoll}.
     */
    public Optional<Holder> leader() {
        return loop.leader();
    }

    /** Tells what happens from now on; see {@link HANodeBuilder#onEvent}. */
    public void listen(Consumer<? super HAEvent> listener) {
        loop.events().add(listener);
    }

    /** Tells this listener no more; an event that is being told may still reach it. */
    public void unlisten(Consumer<? super HAEvent> listener) {
        loop.events().remove(listener);
    }

    /** As {@link #stepDown(Duration)}, with the pause that the node was built with. */
    public boolean stepDown() {
        return stepDown(stepDownPause);
    }

    /**
     * Stops the service in order, releases the lock, and leaves it to others for {@code pause}. Returns at once.
     *
     * @param pause at least zero
     * @return whether there was anything to step down from
     */
    public boolean stepDown(Duration pause) {
        if (pause.isNegative()) {
            throw new IllegalArgumentException("pause must not be negative, got " + pause);
        }
        return loop.stepDown(pause);
    }

    /**
     * Steps down for good. Returns when the lock is released, or after the bound for stopping the service, twice the
     * {@code request_timeout} and 1 s at the latest. Idempotent; does not throw. Called by the service's own callback, it does not
     * wait.
     */
    @Override
    public void close() {
        loop.close();
    }

    @Override
    public String toString() {
        return loop.toString();
    }
}
