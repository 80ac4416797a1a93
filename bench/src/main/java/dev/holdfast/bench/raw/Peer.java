package dev.holdfast.bench.raw;

/** One contender for one lock, called from one thread only. */
public interface Peer {
    /** Waits until it holds the lock. */
    void acquire() throws Exception;

    /** Gives it up. */
    void release() throws Exception;
}
