package dev.holdfast.server.forwarding;

import dev.holdfast.server.api.Handover;
import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Node;
import java.util.Optional;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Hands requests of a standby to the active, or has the client redirected when that cannot be done. */
public final class Forwarder implements Handover, AutoCloseable {
    private final Node node;
    private final Links links = new Links();
    private final Heartbeats heartbeats;
    private final long timeoutMillis;

    /** @param timeoutMillis how long an answer may take */
    public Forwarder(Node node, long timeoutMillis) {
        this.node = node;
        this.timeoutMillis = timeoutMillis;
        this.heartbeats = new Heartbeats(node, links);
    }

    /** Begins to tell the active that this node is there. */
    public void start() {
        heartbeats.start();
    }

    @Override
    public void take(Request request, Response response, Callback callback, Runnable redirect) {
        Link link = link();
        if (link == null) {
            redirect.run();
            return;
        }
        new Exchange(link, request, response, callback, redirect, timeoutMillis).send();
    }

    private @Nullable Link link() {
        Optional<ClusterNode> cluster = node.cluster();
        if (cluster.isEmpty()) {
            return null;
        }
        Optional<Advertisement> leader = cluster.get().leader();
        if (leader.isEmpty() || cluster.get().isSelf(leader.get())) {
            leader = cluster.get().lookForLeader();
        }
        if (leader.isEmpty()
                || cluster.get().isSelf(leader.get())
                || leader.get().clusterAddr().isEmpty()) {
            return null;
        }
        return links.to(leader.get());
    }

    @Override
    public void close() {
        heartbeats.close();
        links.close();
    }
}
