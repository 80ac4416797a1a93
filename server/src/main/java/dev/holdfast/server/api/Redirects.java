package dev.holdfast.server.api;

import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Node;
import java.net.URI;
import java.util.Optional;

/** Where a standby sends a client that it does not serve itself. */
final class Redirects {
    private final Node node;

    Redirects(Node node) {
        this.node = node;
    }

    /**
     * 307 to the active, or 503 while there is none.
     *
     * @param host that the client named
     * @param port that the client named; 0 or less when it named none
     * @param pathQuery as the client sent it
     */
    Answer answer(String host, int port, String pathQuery) {
        Optional<ClusterNode> cluster = node.cluster();
        if (cluster.isEmpty()) {
            return SealApi.sealed().answer();
        }
        Optional<Advertisement> leader = cluster.get().lookForLeader();
        if (cluster.get().active().isPresent()) {
            return unavailable("this node became the active one meanwhile");
        }
        if (leader.isEmpty() || cluster.get().isSelf(leader.get())) {
            return unavailable("there is no active node at this moment");
        }
        String target = leader.get().apiAddr();
        if (target.isEmpty()) {
            return unavailable("the active node advertises no api_addr");
        }
        if (samePlace(host, port, target)) {
            return unavailable("the active node's api_addr, " + target + ", is where this request was made; a redirect"
                    + " would come back here");
        }
        return Answer.redirect(target + pathQuery);
    }

    /** Whoever stands before this node may speak TLS with the client and none with the node, so the scheme says nothing. */
    private static boolean samePlace(String host, int port, String target) {
        try {
            URI uri = URI.create(target);
            int other = uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
            return bare(host).equalsIgnoreCase(bare(String.valueOf(uri.getHost())))
                    && (port > 0 ? port == other : other == 80 || other == 443);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** An IPv6 address has brackets in some places. */
    private static String bare(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private static Answer unavailable(String why) {
        return new Refusal(503, why + "; try again").answer();
    }
}
