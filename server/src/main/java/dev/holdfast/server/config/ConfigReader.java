package dev.holdfast.server.config;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.spi.config.Spelling;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Turns what the files say into a configuration, or into the list of all that is wrong with them. */
public final class ConfigReader {
    private static final Option<String> API_ADDR = Option.string(
                    "api_addr", "The full URL that clients are redirected to while this node is active")
            .check(problemOf(Address::api))
            .overriddenBy("HOLDFAST_API_ADDR", "VAULT_API_ADDR");
    private static final Option<String> CLUSTER_ADDR = Option.string(
                    "cluster_addr", "Where other nodes reach this one; the port after that of api_addr when left out")
            .check(problemOf(Address::cluster))
            .overriddenBy("HOLDFAST_CLUSTER_ADDR", "VAULT_CLUSTER_ADDR");
    private static final Option<Boolean> DISABLE_CLUSTERING =
            Option.bool("disable_clustering", "Whether standbys only redirect").defaultsTo("false");
    private static final Option<Boolean> DISABLE_PERFORMANCE_STANDBY = Option.bool(
                    "disable_performance_standby", "Whether standbys leave reads to the active, too")
            .defaultsTo("false");
    private static final Option<String> PLUGIN_DIRECTORY =
            Option.string("plugin_directory", "A directory with the jars of more backends");
    private static final Option<Duration> LOCK_DELAY = Option.duration(
                    "lock_delay", "How long a write may be on its way where storage cannot fence")
            .check(ListenerReader::positive);
    private static final Option<String> LOG_LEVEL = Option.string("log_level", "trace, debug, info, warn or error")
            .defaultsTo("info")
            .check(level -> List.of("trace", "debug", "info", "warn", "error").contains(level.toLowerCase(Locale.ROOT))
                    ? null
                    : "must be trace, debug, info, warn or error")
            .overriddenBy("HOLDFAST_LOG_LEVEL", "VAULT_LOG_LEVEL");
    private static final Option<String> CLUSTER_NAME =
            Option.string("cluster_name", "The cluster's name, for people").defaultsTo("holdfast");
    private static final Option<Boolean> UI =
            Option.bool("ui", "Whether the status page is shown").defaultsTo("true");

    private static final OptionSchema SCHEMA = OptionSchema.of(
            API_ADDR,
            CLUSTER_ADDR,
            DISABLE_CLUSTERING,
            DISABLE_PERFORMANCE_STANDBY,
            PLUGIN_DIRECTORY,
            LOCK_DELAY,
            LOG_LEVEL,
            CLUSTER_NAME,
            UI);

    private static final List<String> BLOCKS =
            List.of("storage", "backend", "ha_storage", "ha_backend", "listener", "seal");

    private final UnaryOperator<@Nullable String> environment;
    private final Function<@Nullable Path, Backends> backends;
    private final Problems problems = new Problems();

    /**
     * @param environment how to look an environment variable up
     * @param backends the backends that there are, given the plugin directory
     */
    public ConfigReader(UnaryOperator<@Nullable String> environment, Function<@Nullable Path, Backends> backends) {
        this.environment = environment;
        this.backends = backends;
    }

    /**
     * Reads the files as one configuration. No I/O beyond reading them and looking for plugins.
     *
     * @throws ConfigException naming every problem with its file, line and key
     */
    public ServerConfig read(List<ConfigSource> sources) {
        List<Syntax.Entry> entries = new ArrayList<>();
        for (ConfigSource source : sources) {
            try {
                entries.addAll(source.parse().entries());
            } catch (SyntaxException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        problems.throwIfAny();
        Place start = new Place(sources.get(0).name(), 1);
        Blocks blocks = Blocks.of(entries, BLOCKS);
        Stanza top = top(start, blocks.rest());
        Config parsed = top.parse(SCHEMA, environment, problems);
        // With defaults for what is wrong, so that the other problems are found, too.
        Top values = new Top(parsed == null ? SCHEMA.parse("", Map.of(), name -> null) : parsed);
        ServerConfig config = Interpretation.of(start, top, values, blocks, backends, problems);
        problems.throwIfAny();
        return config;
    }

    private Stanza top(Place start, List<Syntax.Entry> entries) {
        Stanza top = new Stanza("", start);
        for (Syntax.Entry entry : entries) {
            if (entry.key().equals("telemetry")) {
                problems.warn(entry.place(), "telemetry", "has no effect here; metrics are at /v1/sys/metrics");
            } else if (!top.ignore(entry, WithoutEffect.BLOCKS, problems)) {
                add(entry, top);
            }
        }
        top.ignore(WithoutEffect.OPTIONS, problems);
        return top;
    }

    private void add(Syntax.Entry entry, Stanza top) {
        if (entry.value() instanceof Syntax.Body && SCHEMA.find(entry.key()).isEmpty()) {
            String hint = Spelling.hint(entry.key(), BLOCKS);
            problems.add(entry.place(), entry.key(), "unknown block '" + entry.key() + "'" + hint);
        } else {
            top.add(entry, problems);
        }
    }

    private static Function<String, @Nullable String> problemOf(Function<String, URI> parser) {
        return text -> {
            try {
                URI unused = parser.apply(text);
                return null;
            } catch (IllegalArgumentException e) {
                return e.getMessage();
            }
        };
    }

    /** The top level's values, by name. */
    record Top(Config config) {
        @Nullable
        URI apiAddr() {
            return config.find(API_ADDR).map(Address::api).orElse(null);
        }

        @Nullable
        URI clusterAddr() {
            return config.find(CLUSTER_ADDR).map(Address::cluster).orElse(null);
        }

        boolean disableClustering() {
            return config.get(DISABLE_CLUSTERING);
        }

        boolean disablePerformanceStandby() {
            return config.get(DISABLE_PERFORMANCE_STANDBY);
        }

        @Nullable
        Path pluginDirectory() {
            return config.find(PLUGIN_DIRECTORY).map(Path::of).orElse(null);
        }

        @Nullable
        Duration lockDelay() {
            return config.find(LOCK_DELAY).orElse(null);
        }

        String logLevel() {
            return config.get(LOG_LEVEL).toLowerCase(Locale.ROOT);
        }

        String clusterName() {
            return config.get(CLUSTER_NAME);
        }

        boolean ui() {
            return config.get(UI);
        }
    }
}
