package dev.holdfast.spi.driver;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets work in until it is shut, counts what is inside, and waits until nothing is: for ending something orderly that many
 * threads use. Safe for use by any number of threads.
 */
public final class Turnstile {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition empty = lock.newCondition();
    private int inside;
    private boolean shut;

    /** Open, with nothing inside. */
    public Turnstile() {}

    /** Returns whether work may begin; exactly then {@link #leave} is to follow, from any thread. */
    public boolean enter() {
        lock.lock();
        try {
            if (shut) {
                return false;
            }
            inside++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The end of work that was let in. */
    public void leave() {
        lock.lock();
        try {
            if (inside == 0) {
                throw new IllegalStateException("nothing is inside that could leave");
            }
            if (--inside == 0) {
                empty.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets nothing in any more; what is inside goes on. */
    public void shut() {
        lock.lock();
        try {
            shut = true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until nothing is inside; returns whether that came to pass within the bound. As long as it is not shut, more
     * may have come in since.
     */
    public boolean awaitEmpty(Duration longest) throws InterruptedException {
        long left = longest.toNanos();
        lock.lock();
        try {
            while (inside > 0 && left > 0) {
                left = empty.awaitNanos(left);
            }
            return inside == 0;
        } finally {
            lock.unlock();
        }
    }
}
