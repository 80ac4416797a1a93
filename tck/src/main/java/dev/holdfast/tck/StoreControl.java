package dev.holdfast.tck;

/** What a harness can do to the store itself. Each call returns when it has taken effect. */
public interface StoreControl {
    /** Stops the store from answering without ending anything: connections stay open, nothing is lost. */
    void pause();

    /** Ends {@link #pause()}. */
    void resume();

    /** Kills every server of the store and starts it again on the same data; returns when it answers. */
    void restart();
}
