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
     * @param here the scheme, host and port that the client used
     * @param pathQuery as the client sent it
     */
    Answer answer(String here, String pathQuery) {
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
        if (samePlace(here, target)) {
            return unavailable("the active node's api_addr, " + target + ", is where this request was made; a redirect"
                    + " would come back here");
        }
        return Answer.redirect(target + pathQuery);
    }

    private static boolean samePlace(String here, String target) {
        try {
            URI a = URI.create(here);
            URI b = URI.create(target);
            return a.getHost() != null
                    && a.getHost().equalsIgnoreCase(b.getHost())
                    && port(a) == port(b)
                    && a.getScheme().equalsIgnoreCase(b.getScheme());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    private static Answer unavailable(String why) {
        return new Refusal(503, why + "; try again").answer();
    }
}
