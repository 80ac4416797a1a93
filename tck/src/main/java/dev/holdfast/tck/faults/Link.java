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

    /** How many connections go this way now; 0 where the link knows no connections. */
    int connections();

    /** Ends every fault and delay. */
    void heal();

    /** Heals the link and frees it; the client must be closed already, or loses its way. */
    @Override
    void close();
}
