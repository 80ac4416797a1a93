package dev.holdfast.server.ui;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.server.barrier.SealConfig;
import dev.holdfast.server.cluster.Active;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Identity;
import dev.holdfast.server.cluster.Member;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.server.config.StoreConfig;
import dev.holdfast.spi.BackendException;
import java.net.URI;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the page shows, as JSON. Nothing in it is a secret: anybody who can reach a listener may see it. */
final class Status {
    private static final long SILENT_MILLIS = 3_500;

    private final Node node;
    private final ServerConfig config;
    private final Journal journal;
    private final Timeline timeline = new Timeline();
    private final Instant begin = Instant.now();

    Status(Node node, ServerConfig config, Journal journal) {
        this.node = node;
        this.config = config;
        this.journal = journal;
    }

    /** As of now. Called by one thread at a time. */
    ObjectNode look() {
        Optional<ClusterNode> cluster = node.cluster();
        Optional<Timeline.Leader> leader = cluster.flatMap(this::leader);
        timeline.see(leader, Instant.now());
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("cluster_name", config.clusterName());
        status.put("version", node.identity().version());
        status.put("watching_since", begin.toEpochMilli());
        seal(status, cluster.isEmpty());
        store(status.putObject("store"));
        Identity own = node.identity();
        ObjectNode self = status.putObject("self")
                .put("hostname", own.hostname())
                .put("api_address", address(own.apiAddr()))
                .put("state", state(cluster));
        self.put("name", cluster.map(ClusterNode::name).orElse(""));
        status.put("ha", cluster.map(ClusterNode::isHa).orElse(config.apiAddr() != null));
        leader.ifPresent(now -> leader(status.putObject("leader"), now));
        nodes(status.putArray("nodes"), cluster, leader);
        terms(status.putArray("terms"));
        journal(status.putArray("journal"));
        return status;
    }

    private Optional<Timeline.Leader> leader(ClusterNode cluster) {
        Optional<Active> active = cluster.active();
        if (active.isPresent()) {
            Identity own = node.identity();
            return Optional.of(new Timeline.Leader(
                    cluster.name(),
                    own.hostname(),
                    address(own.apiAddr()),
                    active.get().token(),
                    active.get().since()));
        }
        return cluster.leader()
                .filter(other -> !cluster.isSelf(other))
                .map(other -> new Timeline.Leader(
                        other.node(),
                        other.hostname(),
                        other.apiAddr(),
                        other.token(),
                        Instant.parse(other.activeSince())));
    }

    private static String address(@Nullable URI uri) {
        return uri == null ? "" : uri.toString();
    }

    private static String state(Optional<ClusterNode> cluster) {
        if (cluster.isEmpty()) {
            return "sealed";
        }
        if (cluster.get().active().isPresent()) {
            return "active";
        }
        return cluster.get().reachesActive() ? "standby" : "alone";
    }

    private void seal(ObjectNode status, boolean sealed) {
        ObjectNode seal = status.putObject("seal").put("sealed", sealed);
        try {
            Optional<SealConfig> known = node.seal().config();
            seal.put("initialized", known.isPresent());
            known.ifPresent(one -> seal.put("type", one.type())
                    .put("threshold", one.threshold())
                    .put("shares", one.shares())
                    .put("progress", node.seal().progress().collected()));
        } catch (BackendException e) {
            seal.put("storage_lost", true);
        }
    }

    private void store(ObjectNode store) {
        StoreConfig separate = config.haStorage();
        store.put("type", config.storage().type());
        store.put("lock_type", separate == null ? config.storage().type() : separate.type());
        store.put("split", separate != null);
        store.put("fencing", node.pair().protection().name().toLowerCase(Locale.ROOT));
    }

    private static void leader(ObjectNode to, Timeline.Leader leader) {
        to.put("node", leader.node())
                .put("hostname", leader.hostname())
                .put("api_address", leader.apiAddr())
                .put("token", leader.token())
                .put("since", leader.since().toEpochMilli());
    }

    private static void nodes(ArrayNode to, Optional<ClusterNode> cluster, Optional<Timeline.Leader> leader) {
        if (cluster.isEmpty()) {
            return;
        }
        String active = leader.map(Timeline.Leader::node).orElse("");
        cluster.get().members().stream()
                .sorted(Comparator.comparing(Member::apiAddr).thenComparing(Member::node))
                .forEach(member -> {
                    ObjectNode one = to.addObject()
                            .put("node", member.node())
                            .put("hostname", member.hostname())
                            .put("api_address", member.apiAddr())
                            .put("version", member.version())
                            .put("role", member.node().equals(active) ? "active" : "standby")
                            .put("self", member.node().equals(cluster.get().name()));
                    if (member.silentMillis() > SILENT_MILLIS) {
                        one.put("silent_s", member.silentMillis() / 1_000);
                    }
                });
    }

    private void terms(ArrayNode to) {
        for (Timeline.Entry entry : timeline.entries()) {
            ObjectNode term = to.addObject();
            leader(term, entry.leader());
            if (entry.until() != null) {
                term.put("until", entry.until().toEpochMilli());
            }
        }
    }

    private void journal(ArrayNode to) {
        for (Journal.Line line : journal.lines()) {
            to.addObject()
                    .put("at", line.at().toEpochMilli())
                    .put("what", line.what())
                    .put("token", line.token());
        }
    }
}
