package dev.holdfast.tck.faults;

import java.time.Duration;
import java.util.Map;

/** The way between one client and its store, under the kit's control. Every call takes effect before it returns. */
public interface Link extends AutoCloseable {
    /** The options to open the client with, so that it goes this way. */
    Map<String, String> options();

    /** Breaks the link; replaces the fault that stands. */
    void apply(Fault fault);

    /** Delays everything that is sent from now on, each way; zero ends it. */
    void delay(Duration each);

    /**
     * Makes some answers late from now on; what follows an answer on its connection waits behind it. {@link #heal} ends it.
     *
     * @param share the probability of each answer to be late, from 0 to 1
     * @param most the longest delay
     * @param seed of the choice
     */
    void lateReplies(double share, Duration most, long seed);

    /** Lets at most so many bytes pass in a second from now on, each way and connection; {@link #heal} ends it. */
    void throttle(long bytesPerSecond);

    /**
     * Loses the next answer that comes from the store, and with it its connection, which is reset: the store has done what
     * it was asked to, and nobody hears of it.
     */
    void dropNextReply();

    /**
     * Nothing that is sent over the connections of this moment arrives any more, either way, and nobody is told; new ones
     * are not affected. {@link #heal} does not bring them back. Does nothing where the link knows no connections.
     */
    default void silenceConnections() {}

    /** What has gone this way since the link was made. */
    Traffic traffic();

    /** How many connections go this way now; 0 where the link knows no connections. */
    int connections();

    /** Ends every fault and delay. */
    void heal();

    /** Heals the link and frees it; the client must be closed already, or loses its way. */
    @Override
    void close();
}
