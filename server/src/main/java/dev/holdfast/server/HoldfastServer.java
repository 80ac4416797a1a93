package dev.holdfast.server;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.HAMetrics;
import dev.holdfast.ha.HANode;
import dev.holdfast.ha.Protection;
import dev.holdfast.server.api.Api;
import dev.holdfast.server.api.Listeners;
import dev.holdfast.server.barrier.KeyBytes;
import dev.holdfast.server.cluster.Identity;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.cluster.OutOfSync;
import dev.holdfast.server.cluster.UpgradeCheck;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.server.forwarding.Forwarder;
import dev.holdfast.server.ui.Feed;
import dev.holdfast.server.ui.StatusPage;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.ConfigException;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.server.Handler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One server: its plugins, its stores, its node and its listeners, opened in this order and closed in the other. */
public final class HoldfastServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HoldfastServer.class);

    private final ServerConfig config;
    private final Plugins plugins;
    private final Stores stores;
    private final Node node;
    private final Api api;
    private final Cluster cluster;
    private final Optional<Feed> feed;
    private final Listeners listeners;
    private final AutoUnseal unsealing;

    private HoldfastServer(
            ServerConfig config,
            Plugins plugins,
            Stores stores,
            Node node,
            Api api,
            Cluster cluster,
            Optional<Feed> feed,
            Listeners listeners) {
        this.config = config;
        this.plugins = plugins;
        this.stores = stores;
        this.node = node;
        this.api = api;
        this.cluster = cluster;
        this.feed = feed;
        this.listeners = listeners;
        this.unsealing = new AutoUnseal(api);
    }

    /**
     * Starts a server, sealed, or unsealed by its key file.
     *
     * @param backends of which it uses those that are configured
     * @throws ConfigException when the parts of the configuration do not go together, or a file that it names is of no use
     * @throws IOException when a listener cannot be opened
     */
    public static HoldfastServer start(ServerConfig config, Backends backends) throws IOException {
        UpgradeCheck upgrade = UpgradeCheck.of(Version.number(), System::getenv);
        return start(config, backends, new Plugins(), upgrade, Forwarder.PATIENCE);
    }

    /** As the other, as the build that this check is of, and with another patience of {@link Forwarder}. */
    static HoldfastServer start(ServerConfig config, Backends backends, UpgradeCheck upgrade, Duration patience)
            throws IOException {
        return start(config, backends, new Plugins(), upgrade, patience);
    }

    /** As the other, with plugins that the server closes in the end. When it cannot start, they stay the caller's. */
    static HoldfastServer start(ServerConfig config, Plugins plugins) throws IOException {
        UpgradeCheck upgrade = UpgradeCheck.of(Version.number(), System::getenv);
        return start(config, plugins.backends(config.pluginDirectory()), plugins, upgrade, Forwarder.PATIENCE);
    }

    private static HoldfastServer start(
            ServerConfig config, Backends backends, Plugins plugins, UpgradeCheck upgrade, Duration patience)
            throws IOException {
        StartCheck.run(config, backends);
        Path keyFile = config.autoUnseal();
        Optional<KeyBytes> fileKey = Optional.ofNullable(keyFile).map(KeyFile::read);
        Stores stores = Stores.open(config, backends);
        try {
            checkAddresses(config, stores);
            // Nobody listens there when nodes do not talk to each other.
            URI clusterAddr = config.disableClustering() ? null : config.clusterAddr();
            Identity identity = new Identity(config.apiAddr(), clusterAddr, hostname(), upgrade.release());
            Cluster cluster = new Cluster(config, patience);
            Node node = new Node(identity, stores.pair(), stores.locks(), cluster, upgrade);
            node.onEvent(HoldfastServer::explain);
            Api api = new Api(node, config, fileKey, meters(node));
            cluster.connect(node, api);
            Optional<Feed> feed = config.ui() ? Optional.of(new Feed(node, config)) : Optional.empty();
            Listeners listeners;
            try {
                listeners = listeners(config, api, feed);
            } catch (IOException | RuntimeException | Error e) {
                cluster.close();
                api.close();
                throw e;
            }
            HoldfastServer server = new HoldfastServer(config, plugins, stores, node, api, cluster, feed, listeners);
            feed.ifPresent(Feed::start);
            node.readiness().start();
            server.unsealing.start();
            return server;
        } catch (IOException | RuntimeException | Error e) {
            stores.close();
            throw e;
        }
    }

    private static Listeners listeners(ServerConfig config, Api api, Optional<Feed> feed) throws IOException {
        return Listeners.open(config.listeners(), listener -> {
            Handler handler = api.handler(listener);
            return feed.<Handler>map(one -> new Handler.Sequence(new StatusPage(one), handler))
                    .orElse(handler);
        });
    }

    private static void checkAddresses(ServerConfig config, Stores stores) {
        if (stores.pair().protection() != Protection.NONE && config.apiAddr() == null) {
            throw Stores.withoutApiAddr(String.valueOf(stores.locks()));
        }
    }

    /** The library's own words name a method of Java's. */
    private static void explain(HAEvent event) {
        if (event.kind() == HAEvent.Kind.LOCK_STORE_BEHIND) {
            log.error(
                    "no node can become active before a person acts; if the lock store is to stay: holdfast server {}"
                            + " -config FILE \"WORDS\", with the words that the event above asks for",
                    AdoptCommand.NAME);
        }
    }

    private static String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    private static PrometheusMeterRegistry meters(Node node) {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        meters.gauge("holdfast.server.unsealed", node, one -> one.cluster().isPresent() ? 1 : 0);
        meters.gauge("holdfast.server.out_of_sync", node, OutOfSync::count);
        meters.gauge("holdfast.server.other_versions", node, OutOfSync::otherVersions);
        meters.gauge("holdfast.server.active", node, one -> one.state().equals("active") ? 1 : 0);
        AtomicReference<@Nullable HAMetrics> last = new AtomicReference<>();
        node.onUnsealed(cluster -> cluster.node().ifPresent(ha -> bind(ha, meters, last)));
        return meters;
    }

    /** Each unsealing has a loop of its own. */
    private static void bind(HANode ha, PrometheusMeterRegistry meters, AtomicReference<@Nullable HAMetrics> last) {
        HAMetrics next = new HAMetrics(ha);
        HAMetrics before = last.getAndSet(next);
        if (before != null) {
            before.close();
        }
        next.bindTo(meters);
    }

    /** What to show when it has started. */
    public String banner() {
        return Banner.of(config, stores.pair(), stores.locks() != null, listeners.ports());
    }

    /** The ports of the listeners, in order. */
    public List<Integer> ports() {
        return listeners.ports();
    }

    /** Reads the listeners' certificates and keys again, for new connections; see {@link Listeners#reload()}. */
    void reload() {
        log.info("the certificates and keys of the listeners are read again");
        listeners.reload();
    }

    /** This process as a member of its cluster. */
    public Node node() {
        return node;
    }

    /** Steps down if it is active, lets requests finish, and frees everything. Idempotent; does not throw. */
    @Override
    public void close() {
        unsealing.close();
        cluster.retire();
        node.readiness().close();
        node.close();
        feed.ifPresent(Feed::close);
        listeners.close();
        cluster.close();
        api.close();
        stores.close();
        plugins.close();
    }
}
