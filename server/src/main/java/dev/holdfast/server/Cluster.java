package dev.holdfast.server;

import dev.holdfast.server.api.Api;
import dev.holdfast.server.cluster.ClusterPort;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.cluster.TermCertificate;
import dev.holdfast.server.config.ListenerConfig;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.server.forwarding.ClusterHandler;
import dev.holdfast.server.forwarding.ClusterListeners;
import dev.holdfast.server.forwarding.Forwarder;
import java.time.Duration;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** How the nodes of a cluster talk to each other; not at all when that is turned off. */
final class Cluster implements ClusterPort, AutoCloseable {
    private static final long MARGIN_MILLIS = 5_000;

    private final ServerConfig config;
    private final Duration patience;
    private @Nullable ClusterListeners listeners;
    private @Nullable Forwarder forwarder;

    /** @param patience of requests that nobody can answer at the moment */
    Cluster(ServerConfig config, Duration patience) {
        this.config = config;
        this.patience = patience;
    }

    /** Comes before anything can be unsealed. */
    void connect(Node node, Api api) {
        if (config.disableClustering() || config.clusterAddr() == null) {
            return;
        }
        ListenerConfig widest = config.listeners().stream()
                .max(Comparator.comparingLong(ListenerConfig::maxRequestSize))
                .orElseThrow();
        listeners = new ClusterListeners(
                config.listeners().stream().map(ListenerConfig::clusterAddress).toList(),
                () -> new ClusterHandler(
                        node,
                        api.handler(
                                widest,
                                (request, body, response, callback, instead) ->
                                        ClusterHandler.refuse(response, callback))));
        long longest = config.listeners().stream()
                .mapToLong(listener -> listener.maxRequestDuration().toMillis())
                .max()
                .orElseThrow();
        Forwarder started = new Forwarder(node, api.bodies(), longest, longest + MARGIN_MILLIS, patience);
        forwarder = started;
        api.handOver(started);
        started.start();
    }

    @Override
    public Open open(TermCertificate certificate) throws Exception {
        return listeners == null ? () -> {} : listeners.open(certificate);
    }

    @Override
    public boolean isBothWays() {
        return forwarder != null;
    }

    /** Says nothing to the active any more, and leaves what is under way there to be answered. */
    void retire() {
        if (forwarder != null) {
            forwarder.retire();
        }
    }

    @Override
    public void close() {
        if (forwarder != null) {
            forwarder.close();
        }
    }
}
