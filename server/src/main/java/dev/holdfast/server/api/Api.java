package dev.holdfast.server.api;

import dev.holdfast.server.barrier.KeyBytes;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.config.ListenerConfig;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.driver.Alarms;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jetty.server.Handler;

/** The API of one server, for any number of listeners. */
public final class Api implements AutoCloseable {
    /** Asks a standby to redirect rather than forward, when it is not empty. */
    private static final String NO_FORWARDING = "X-Vault-No-Request-Forwarding";

    private final Node node;
    private final ServerConfig config;
    private final PrometheusMeterRegistry meters;
    private final SealApi seal;
    private final TokenStore tokens = new TokenStore();
    private final Bodies bodies = new Bodies();
    private final Alarms alarms = new Alarms("holdfast-server-deadline");
    private final boolean standbyReads;
    private volatile Handover handover = (request, body, response, callback, instead) -> instead.redirect();

    /** @param fileKey the key that unseals this node by itself; empty for shares */
    public Api(Node node, ServerConfig config, Optional<KeyBytes> fileKey, PrometheusMeterRegistry meters) {
        this.node = node;
        this.config = config;
        this.meters = meters;
        SealApi.Setup setup =
                new SealApi.Setup(config.clusterName(), config.storage().type(), fileKey);
        seal = new SealApi(node, setup, tokens::of);
        node.onSealed(tokens::forget);
        standbyReads = !config.disablePerformanceStandby()
                && node.pair().capabilities().contains(Capability.LINEARIZABLE_READS);
    }

    /** The bodies of all that clients send to this server. */
    public Bodies bodies() {
        return bodies;
    }

    /** What standbys do with requests for the active, other than redirecting them. */
    public void handOver(Handover forwarding) {
        handover = forwarding;
    }

    /**
     * Unseals this node when it has a key file and the cluster is initialised.
     *
     * @return whether there is nothing left to do
     * @throws IllegalStateException when the key is not this cluster's
     */
    public boolean autoUnseal() {
        return seal.autoUnseal();
    }

    /** The handler of a listener. */
    public Handler handler(ListenerConfig listener) {
        return handler(listener, false, (request, body, response, callback, instead) -> {
            String noForwarding = request.getHeaders().get(NO_FORWARDING);
            if (noForwarding != null && !noForwarding.isEmpty()) {
                instead.redirect();
            } else {
                handover.take(request, body, response, callback, instead);
            }
        });
    }

    /**
     * A handler of what other nodes hand over.
     *
     * @param elsewhere what is done with requests that this node is not to answer, also because it was sealed
     */
    public Handler handler(ListenerConfig listener, Handover elsewhere) {
        return handler(listener, true, elsewhere);
    }

    private Handler handler(ListenerConfig listener, boolean relayed, Handover elsewhere) {
        HealthApi health = new HealthApi(node, config.clusterName(), standbyReads);
        LeaderApi leader = new LeaderApi(node, standbyReads);
        MetricsApi metrics = new MetricsApi(node, meters, tokens::of, listener.openMetrics());
        Routes routes = new Routes(seal, health, leader, metrics);
        Service service = new Service(node, routes, tokens, standbyReads, relayed);
        return new ApiHandler(service, new Redirects(node), elsewhere, relayed ? null : bodies, alarms, listener);
    }

    /** What a new cluster needs, with a root token that was chosen; for a development server. */
    public static Consumer<Backend> withRootToken(String token) {
        return storage -> {
            String unused = Tokens.createRoot(storage, token);
        };
    }

    /** A root token that nobody has seen yet. */
    public static String newRootToken() {
        return Tokens.newRoot();
    }

    @Override
    public void close() {
        tokens.forget();
        alarms.close();
    }
}
