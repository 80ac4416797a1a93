package dev.holdfast.tck;

import java.util.List;

/** What a harness can do to the store itself. Each call returns when it has taken effect. */
public interface StoreControl {
    /** Stops the store from answering without ending anything: connections stay open, nothing is lost. */
    void pause();

    /** Ends {@link #pause()}. */
    void resume();

    /** The servers that the store consists of, where there are several; empty for a single one. */
    default List<StoreServer> servers() {
        return List.of();
    }

    /** Kills every server of the store and starts it again on the same data; returns when it answers. */
    void restart();
}
