package dev.holdfast.server.cluster;

/** Where other nodes come in; open on the active only. */
@FunctionalInterface
public interface ClusterPort {
    /** An open one. */
    interface Open extends AutoCloseable {
        /** Takes no more requests and frees the port. Does not throw. */
        @Override
        void close();
    }

    /**
     * Opens it for this term.
     *
     * @throws Exception when it cannot be opened; nothing is left open
     */
    Open open(TermCertificate certificate) throws Exception;

    /** Whether this node also talks to others while it stands by. */
    default boolean isBothWays() {
        return false;
    }
}
