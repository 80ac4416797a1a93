package dev.holdfast.server.cluster;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts what is under way, so that a node that steps down can let it finish. */
final class Drain {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition empty = lock.newCondition();
    private int underWay;
    private boolean shut;

    /** Returns whether work may begin; then {@link #leave} is to follow. */
    boolean enter() {
        lock.lock();
        try {
            if (shut) {
                return false;
            }
            underWay++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void leave() {
        lock.lock();
        try {
            if (--underWay == 0) {
                empty.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets nothing begin any more. */
    void shut() {
        lock.lock();
        try {
            shut = true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is under way; returns whether that came to pass. */
    boolean await(Duration longest) throws InterruptedException {
        long left = longest.toNanos();
        lock.lock();
        try {
            while (underWay > 0 && left > 0) {
                left = empty.awaitNanos(left);
            }
            return underWay == 0;
        } finally {
            lock.unlock();
        }
    }
}
