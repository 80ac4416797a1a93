package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.InvalidKeyException;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Endpoint;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.spi.config.Secret;
import dev.holdfast.spi.driver.Checks;
import dev.holdfast.spi.driver.CommonOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.PathUtils;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.jspecify.annotations.Nullable;

/**
 * A configuration whose options go together.
 *
 * @param path the node that everything lies below
 * @param acl who may use the nodes that are created
 * @param linearizable whether reads see all that was acknowledged to anybody
 * @param connection the settings of ZooKeeper's own client; the passwords of the key stores are part of it
 */
record ZooKeeperOptions(
        List<Endpoint> endpoints,
        String path,
        Optional<Login> login,
        List<ACL> acl,
        boolean linearizable,
        ZKClientConfig connection,
        Duration requestTimeout,
        Duration sessionTimeout,
        Duration lockTtl,
        boolean haEnabled) {

    /** Who this instance is to ZooKeeper, by its {@code digest} scheme. */
    record Login(String username, Secret password) {}

    /** Creating a key repeats the path for each directory above it, and all of that must fit one request. */
    private static final int LONGEST_PATH = 100;

    /** The names of our own below a path: were one part of another path, two namespaces could meet. */
    private static final Set<String> RESERVED = Set.of("d", "l", "f");

    private static final Pattern OWNER = Pattern.compile("[a-z0-9]+:.+");

    static final Option<List<Endpoint>> ENDPOINTS = Option.endpoints(
                    "endpoints", "The servers of the ensemble; tls:// for TLS, and no scheme means plain text")
            .defaultsTo("127.0.0.1:2181")
            .check(ZooKeeperOptions::schemes)
            .overriddenBy("ZOOKEEPER_ADDR");
    static final Option<String> PATH = Option.string(
                    "path", "The node below which everything is kept; instances with different paths do not meet")
            .defaultsTo("holdfast/")
            .check(ZooKeeperOptions::badPath)
            .asNamespace();
    static final Option<String> USERNAME = Option.string("username", "The user of the digest scheme")
            .check(name -> name.contains(":") ? "must not contain ':'" : null)
            .overriddenBy("ZOOKEEPER_USERNAME");
    static final Option<Secret> PASSWORD =
            Option.secret("password", "The user's password").overriddenBy("ZOOKEEPER_PASSWORD");
    static final Option<String> OWNER_ID = Option.string(
                    "owner",
                    "Who alone may use the nodes, as scheme:id, such as sasl:vault; by default the user who is logged in")
            .check(id -> OWNER.matcher(id).matches() ? null : "must be scheme:id, such as sasl:vault");
    static final Option<String> CONSISTENCY = Option.string(
                    "consistency",
                    "linearizable: reads see all that was acknowledged to anybody; session: they cost less, of several"
                            + " servers no transaction, and see what others wrote late by request_timeout at most")
            .defaultsTo("linearizable")
            .check(mode -> Set.of("linearizable", "session").contains(mode) ? null : "must be linearizable or session");
    static final Option<Duration> SESSION_TIMEOUT = Option.duration(
                    "session_timeout",
                    "How long the connection for data outlives a server that is silent; another is tried after two thirds")
            .defaultsTo("4s")
            .check(ZooKeeperOptions::badTimeout);
    static final Option<Duration> LOCK_TTL = CommonOptions.LOCK_TTL.check(ZooKeeperOptions::badTimeout);

    static final OptionSchema SCHEMA = OptionSchema.of(
            ENDPOINTS,
            PATH,
            USERNAME,
            PASSWORD,
            ZooKeeperConnection.SASL_CONTEXT,
            OWNER_ID,
            ZooKeeperConnection.TRUST_STORE,
            ZooKeeperConnection.TRUST_STORE_PASSWORD,
            ZooKeeperConnection.KEY_STORE,
            ZooKeeperConnection.KEY_STORE_PASSWORD,
            ZooKeeperConnection.VERIFY_HOST,
            CONSISTENCY,
            CommonOptions.REQUEST_TIMEOUT,
            SESSION_TIMEOUT,
            LOCK_TTL,
            CommonOptions.HA_ENABLED);

    static ZooKeeperOptions of(Config config) {
        List<Endpoint> endpoints = config.get(ENDPOINTS);
        Optional<Login> login = login(config);
        boolean known = login.isPresent()
                || config.find(ZooKeeperConnection.SASL_CONTEXT).isPresent();
        return new ZooKeeperOptions(
                endpoints,
                "/" + stripped(config.get(PATH)),
                login,
                acl(config.find(OWNER_ID), known),
                config.get(CONSISTENCY).equals("linearizable"),
                ZooKeeperConnection.of(
                        config, endpoints.get(0).scheme().equals("tls"), config.get(CommonOptions.REQUEST_TIMEOUT)),
                config.get(CommonOptions.REQUEST_TIMEOUT),
                config.get(SESSION_TIMEOUT),
                config.get(LOCK_TTL),
                config.get(CommonOptions.HA_ENABLED));
    }

    /** The addresses as ZooKeeper's client reads them. */
    String connectString() {
        return endpoints.stream()
                .map(endpoint -> endpoint.host() + ":" + endpoint.port())
                .collect(Collectors.joining(","));
    }

    /** Which store this is, for messages; no secret is part of it. */
    String store() {
        return endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(",")) + " path=" + path;
    }

    @Override
    public String toString() {
        return store(); // what is left out may be a secret
    }

    private static Optional<Login> login(Config config) {
        Optional<String> username = config.find(USERNAME).filter(name -> !name.isEmpty());
        Optional<Secret> password =
                config.find(PASSWORD).filter(secret -> !secret.reveal().isEmpty());
        if (username.isPresent() != password.isPresent()) {
            throw config.refuse("username and password: give both or neither");
        }
        return username.map(name -> new Login(name, password.orElseThrow()));
    }

    private static List<ACL> acl(Optional<String> owner, boolean known) {
        if (owner.isPresent()) {
            int colon = owner.get().indexOf(':');
            Id id = new Id(owner.get().substring(0, colon), owner.get().substring(colon + 1));
            return List.of(new ACL(ZooDefs.Perms.ALL, id));
        }
        return List.copyOf(known ? ZooDefs.Ids.CREATOR_ALL_ACL : ZooDefs.Ids.OPEN_ACL_UNSAFE);
    }

    private static @Nullable String schemes(List<Endpoint> endpoints) {
        Set<String> schemes = endpoints.stream().map(Endpoint::scheme).collect(Collectors.toSet());
        if (!Set.of("", "tls").containsAll(schemes)) {
            return "must be host:port, or tls://host:port";
        }
        return schemes.size() == 1 ? null : "must be all tls:// or none";
    }

    private static @Nullable String badTimeout(Duration timeout) {
        boolean fits = timeout.toMillis() >= 1_000 && timeout.toMillis() < Integer.MAX_VALUE;
        return fits ? null : "must be at least 1s; the servers raise it to two of their ticks";
    }

    private static String stripped(String path) {
        String inner = path.startsWith("/") ? path.substring(1) : path;
        return inner.endsWith("/") ? inner.substring(0, inner.length() - 1) : inner;
    }

    private static @Nullable String badPath(String path) {
        String inner = stripped(path);
        try {
            Prefix prefix = Prefix.of(inner + "/");
            PathUtils.validatePath("/" + inner);
            if (Checks.utf8Length(path) > LONGEST_PATH) {
                return "must be at most " + LONGEST_PATH + " bytes long";
            }
            for (String reserved : RESERVED) {
                if (("/" + prefix.path()).contains("/" + reserved + "/")) {
                    return "must not contain the segment '" + reserved + "', which this backend uses itself";
                }
            }
            return prefix.path().startsWith("zookeeper/")
                    ? "must not lie below /zookeeper, which is ZooKeeper's own"
                    : null;
        } catch (InvalidKeyException e) {
            return "must be segments separated by '/', none of them empty, such as holdfast/";
        } catch (IllegalArgumentException e) {
            return "contains a character that ZooKeeper does not allow";
        }
    }
}
