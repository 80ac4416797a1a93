package dev.holdfast.server.cluster;

/** Numbers that are 0 when nothing speaks against replacing the next node, and when all have been replaced. */
public final class OutOfSync {
    private OutOfSync() {}

    /**
     * On the active: the standbys that are not up, or silent, or refused; on any other node: 1 unless it is up itself.
     * Nodes of another version count no more than others, since 0 is what is waited for between two of them.
     */
    public static int count(Node node) {
        ClusterNode cluster = node.cluster().orElse(null);
        if (cluster == null || cluster.active().isEmpty()) {
            return node.readiness().stage() == Readiness.Stage.UP ? 0 : 1;
        }
        Standbys standbys = cluster.peers().standbys();
        return standbys.behind() + standbys.refusedLately();
    }

    /** The nodes of another version than this one's, as far as it has heard. */
    public static long otherVersions(Node node) {
        String own = node.identity().version();
        return node.cluster().stream()
                .flatMap(cluster -> cluster.members().stream())
                .filter(member -> !member.version().equals(own))
                .count();
    }
}
