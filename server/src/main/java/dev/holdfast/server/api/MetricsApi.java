package dev.holdfast.server.api;

import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Node;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.Function;

/** {@code sys/metrics}, of this node, as Prometheus reads it. */
final class MetricsApi {
    private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Node node;
    private final PrometheusMeterRegistry registry;
    private final Function<ClusterNode, Tokens> tokens;
    private final boolean open;

    /** @param open whether no token is needed */
    MetricsApi(Node node, PrometheusMeterRegistry registry, Function<ClusterNode, Tokens> tokens, boolean open) {
        this.node = node;
        this.registry = registry;
        this.tokens = tokens;
        this.open = open;
    }

    Answer metrics(Call call) {
        call.only(Verb.READ);
        if (!open) {
            ClusterNode cluster = node.cluster().orElseThrow(SealApi::sealed);
            Token unused = Session.reading(cluster, tokens.apply(cluster)).authenticate(call);
        }
        return Answer.text(TYPE, registry.scrape());
    }
}
