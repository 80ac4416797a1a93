package dev.holdfast.tck;

/** One of several servers that are a store together. Each call returns when it has taken effect. */
public interface StoreServer {
    /** What the store calls it. */
    String name();

    /** Where clients reach it, as an option of the backend would say it. */
    String endpoint();

    /** Whether the others follow it now. */
    boolean leads();

    /** Ends it at once, without warning. */
    void kill();

    /** Starts it again on the same data after {@link #kill()}; returns when it answers. */
    void start();

    /** Cuts it off from the other servers; clients still reach it. */
    void isolate();

    /** Ends {@link #isolate()}; returns when it answers together with the others. */
    void rejoin();

    /**
     * Stops it without ending anything: its connections stay open, nothing that is sent to it is lost, and the others go on.
     *
     * @throws UnverifiedException when this harness cannot do it
     */
    default void pause() {
        throw new UnverifiedException("a single server cannot be paused");
    }

    /** Ends {@link #pause()}; it is behind the others then, for a moment. */
    default void resume() {}
}
