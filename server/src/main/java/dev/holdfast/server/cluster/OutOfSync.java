package dev.holdfast.server.cluster;

/**
 * The number that is 0 when nothing speaks against replacing the next node. On the active: the standbys that are of
 * another version, not up, or silent, and those that it refuses; on any other node: 1 unless it is up itself.
 */
public final class OutOfSync {
    private OutOfSync() {}

    /** As this node sees it now. */
    public static int count(Node node) {
        ClusterNode cluster = node.cluster().orElse(null);
        if (cluster == null || cluster.active().isEmpty()) {
            return node.readiness().stage() == Readiness.Stage.UP ? 0 : 1;
        }
        Standbys standbys = cluster.peers().standbys();
        return standbys.behind(node.identity().version()) + standbys.refusedLately();
    }
}
