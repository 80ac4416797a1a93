package dev.holdfast.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.server.cluster.Active;
import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Identity;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.cluster.Standbys;
import java.util.Optional;

/** {@code sys/leader}, {@code sys/ha-status} and {@code sys/step-down}. */
final class LeaderApi {
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private final Node node;
    private final boolean standbyReads;

    LeaderApi(Node node, boolean standbyReads) {
        this.node = node;
        this.standbyReads = standbyReads;
    }

    Answer leader(Call call) {
        call.only(Verb.READ);
        ClusterNode cluster = node.cluster().orElseThrow(SealApi::sealed);
        ObjectNode body = JsonText.object();
        Optional<Active> active = cluster.active();
        body.put("ha_enabled", cluster.isHa());
        body.put("is_self", cluster.isHa() && active.isPresent());
        body.put("active_time", NEVER);
        body.put("leader_address", "");
        body.put("leader_cluster_address", "");
        if (cluster.isHa()) {
            Optional<Advertisement> leader = active.isPresent() ? Optional.empty() : cluster.leader();
            active.ifPresent(own -> {
                body.put("active_time", own.since().toString());
                body.put("leader_address", api(node.identity()));
                body.put("leader_cluster_address", cluster(node.identity()));
            });
            leader.ifPresent(other -> {
                body.put("active_time", other.activeSince());
                body.put("leader_address", other.apiAddr());
                body.put("leader_cluster_address", other.clusterAddr());
            });
        }
        body.put("performance_standby", standbyReads && active.isEmpty());
        body.put("performance_standby_last_remote_wal", 0);
        return Answer.ok(body);
    }

    private static String api(Identity identity) {
        return identity.apiAddr() == null ? "" : identity.apiAddr().toString();
    }

    private static String cluster(Identity identity) {
        return identity.clusterAddr() == null ? "" : identity.clusterAddr().toString();
    }

    /** On the active, which the standbys tell that they are there. */
    Answer haStatus(Call call, Session session) {
        call.only(Verb.READ);
        Token unused = session.authenticate(call);
        ObjectNode body = JsonText.object();
        ArrayNode nodes = body.putArray("nodes");
        Identity own = node.identity();
        ObjectNode self = describe(nodes.addObject(), own.hostname(), api(own), cluster(own), true);
        self.putNull("last_echo");
        self.put("version", own.version());
        self.put("upgrade_version", own.version());
        self.put("state", node.readiness().stage().toString());
        for (Standbys.Seen standby : session.cluster().peers().standbys().all()) {
            ObjectNode other =
                    describe(nodes.addObject(), standby.hostname(), standby.apiAddr(), standby.clusterAddr(), false);
            other.put("last_echo", standby.lastEcho().toString());
            other.put("version", standby.version());
            other.put("upgrade_version", standby.version());
            other.put("state", standby.state());
        }
        ObjectNode envelope = Envelope.of(body);
        envelope.set("nodes", nodes);
        return Answer.ok(envelope);
    }

    private static ObjectNode describe(ObjectNode to, String hostname, String api, String cluster, boolean active) {
        return to.put("hostname", hostname)
                .put("api_address", api)
                .put("cluster_address", cluster)
                .put("active_node", active);
    }

    /** Answered before it is done, so that it does not wait for itself. */
    Answer stepDown(Call call, Session session) {
        call.only(Verb.WRITE);
        Token unused = session.authenticate(call);
        boolean stepped = session.cluster().stepDown();
        return stepped || !session.cluster().isHa()
                ? Answer.noContent()
                : Answer.error(503, "this node is not active any more").with("Retry-After", "1");
    }
}
