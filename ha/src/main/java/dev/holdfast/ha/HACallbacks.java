package dev.holdfast.ha;

/** What a node tells its service. All calls come from one thread of the node's, one after the other. */
public final class HACallbacks {
    private HACallbacks() {}

    /** Called when the node becomes active. */
    @FunctionalInterface
    public interface OnActive {
        /**
         * Starts the service; it is active when this returns. The thread is interrupted when the term ends first.
         *
         * @throws Exception when it cannot be started: {@link OnStandby} is called, the lock is released, and the node
         *     contends again after a short pause
         */
        void begin(Term term) throws Exception;
    }

    /** Called once for each {@link OnActive}, after that has returned or thrown. */
    @FunctionalInterface
    public interface OnStandby {
        /**
         * Stops the service. When the node steps down or is closed, {@link Term#storage()} takes writes until this has
         * returned, or the node's bound for it has passed; after a loss it takes none.
         *
         * @param why the end of the term
         * @throws Exception which is logged; the service counts as stopped
         */
        void end(HAEvent why) throws Exception;
    }
}
