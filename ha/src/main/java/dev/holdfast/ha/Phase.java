package dev.holdfast.ha;

import dev.holdfast.ha.HAEvent.Kind;
import dev.holdfast.ha.HANode.State;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a node is doing, and in which term. Closing it interrupts its thread only outside a term, where that waits for the
 * lock or pauses; a term is ended instead, and what is left to do for it is done.
 */
final class Phase {
    private final ReentrantLock lock = new ReentrantLock();
    private volatile State state = State.STANDBY;
    private volatile boolean closing;
    private @Nullable Term current;

    State state() {
        return state;
    }

    boolean isClosing() {
        return closing;
    }

    @Nullable
    Term current() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }

    /** The term that the service is active in. */
    Optional<Term> active() {
        return Optional.ofNullable(current()).filter(term -> state == State.ACTIVE);
    }

    void enter(State next) {
        lock.lock();
        try {
            state = next;
        } finally {
            lock.unlock();
        }
    }

    /** A term has begun; called in the node's thread, which nobody interrupts from now on. */
    void begin(Term term) {
        lock.lock();
        try {
            state = State.TAKING_OVER;
            current = term;
            if (closing) {
                endToClose(term);
                boolean unused = Thread.interrupted();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The service has started; returns whether it is still wanted. */
    boolean activate(Term term) {
        lock.lock();
        try {
            if (state != State.TAKING_OVER || !term.isActive()) {
                return false;
            }
            state = State.ACTIVE;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Everything that the term needed is done; the node's thread may be interrupted again. */
    void end() {
        lock.lock();
        try {
            current = null;
        } finally {
            lock.unlock();
        }
    }

    /** The node's own thread ends it. */
    void giveUp() {
        closing = true;
    }

    void close(Thread node) {
        lock.lock();
        try {
            if (closing) {
                return;
            }
            closing = true;
            if (current == null) {
                node.interrupt();
            } else {
                endToClose(current);
            }
        } finally {
            lock.unlock();
        }
    }

    private static void endToClose(Term term) {
        boolean unused = term.end(new Term.Ending(Kind.CLOSED, "the node is being closed"));
    }
}
