package dev.holdfast.backend.etcd;

import dev.holdfast.spi.InvalidKeyException;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Endpoint;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.spi.config.Secret;
import dev.holdfast.spi.driver.CommonOptions;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A configuration whose options go together.
 *
 * @param path the namespace, ending in {@code /}
 * @param tls empty for plain text
 * @param authority the name that the servers' certificates are checked against, when it is not that of the endpoint
 */
record EtcdOptions(
        List<Endpoint> endpoints,
        String path,
        Optional<Login> login,
        Optional<SslContext> tls,
        Optional<String> authority,
        Duration requestTimeout,
        Duration lockTtl,
        boolean haEnabled) {

    /** Who this instance is to etcd. */
    record Login(String username, Secret password) {}

    /** Every directory marker repeats the path, and all of them must fit one request. */
    private static final int LONGEST_PATH = 200;

    /** The names of our own below a path: were one part of another path, two namespaces could meet. */
    private static final Set<String> RESERVED = Set.of("d", "l", "f");

    static final Option<List<Endpoint>> ENDPOINTS = Option.endpoints(
                    "endpoints", "The members of the etcd cluster; https:// for TLS, and no scheme means http://")
            .defaultsTo("http://127.0.0.1:2379")
            .check(EtcdOptions::schemes)
            .overriddenBy("ETCD_ADDR");
    static final Option<String> PATH = Option.string(
                    "path", "Where in etcd everything is kept; instances with different paths do not see each other")
            .defaultsTo("holdfast/")
            .check(EtcdOptions::badPath)
            .asNamespace();
    static final Option<String> USERNAME =
            Option.string("username", "The etcd user").overriddenBy("ETCD_USERNAME");
    static final Option<Secret> PASSWORD =
            Option.secret("password", "The etcd user's password").overriddenBy("ETCD_PASSWORD");
    static final Option<String> AUTHORITY = Option.string(
            "authority", "The name to check the servers' certificates against, instead of the endpoint's own");
    static final Option<Duration> LOCK_TTL = CommonOptions.LOCK_TTL.check(ttl -> {
        boolean whole = ttl.getNano() == 0 && ttl.getSeconds() >= 2;
        return whole ? null : "must be whole seconds and at least 2s: etcd raises shorter ones by itself";
    });

    static final OptionSchema SCHEMA = OptionSchema.of(
            ENDPOINTS,
            PATH,
            USERNAME,
            PASSWORD,
            EtcdConnection.CA_FILE,
            EtcdConnection.CERT_FILE,
            EtcdConnection.KEY_FILE,
            AUTHORITY,
            CommonOptions.REQUEST_TIMEOUT,
            LOCK_TTL,
            CommonOptions.HA_ENABLED);

    static EtcdOptions of(Config config) {
        List<Endpoint> endpoints = config.get(ENDPOINTS);
        boolean secure = endpoints.get(0).scheme().equals("https");
        String path = config.get(PATH);
        return new EtcdOptions(
                endpoints,
                path.endsWith("/") ? path : path + "/",
                login(config),
                EtcdConnection.context(config, secure, config.find(AUTHORITY)),
                config.find(AUTHORITY),
                config.get(CommonOptions.REQUEST_TIMEOUT),
                config.get(LOCK_TTL),
                config.get(CommonOptions.HA_ENABLED));
    }

    /** Which store this is, for messages; no secret is part of it. */
    String store() {
        return endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(",")) + " path=" + path;
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

    private static @Nullable String schemes(List<Endpoint> endpoints) {
        Set<String> schemes = endpoints.stream()
                .map(endpoint -> endpoint.scheme().isEmpty() ? "http" : endpoint.scheme())
                .collect(Collectors.toSet());
        if (!Set.of("http", "https").containsAll(schemes)) {
            return "must be http:// or https://";
        }
        return schemes.size() == 1 ? null : "must be all http:// or all https://";
    }

    private static @Nullable String badPath(String path) {
        String inner = path.startsWith("/") ? path.substring(1) : path;
        try {
            Prefix prefix = Prefix.of(inner.endsWith("/") ? inner : inner + "/");
            if (path.length() > LONGEST_PATH) {
                return "must be at most " + LONGEST_PATH + " characters long";
            }
            for (String reserved : RESERVED) {
                if (("/" + prefix.path()).contains("/" + reserved + "/")) {
                    return "must not contain the segment '" + reserved + "', which this backend uses itself";
                }
            }
            return null;
        } catch (InvalidKeyException e) {
            return "must be segments separated by '/', none of them empty, such as holdfast/";
        }
    }
}
