package dev.holdfast.server.config;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.ConfigException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What goes together and what does not. */
final class Interpretation {
    private static final StoreConfig NONE = new StoreConfig("", Map.of());

    private final Problems problems;
    private final Stanza top;

    private Interpretation(Stanza top, Problems problems) {
        this.top = top;
        this.problems = problems;
    }

    /** The configuration; only of use when there are no problems. */
    static ServerConfig of(
            Place start,
            Stanza top,
            ConfigReader.Top values,
            Blocks blocks,
            Function<@Nullable Path, Backends> backends,
            Problems problems) {
        return new Interpretation(top, problems).read(start, values, blocks, backends);
    }

    private ServerConfig read(
            Place start, ConfigReader.Top values, Blocks blocks, Function<@Nullable Path, Backends> backends) {
        Path plugins = values.pluginDirectory();
        if (plugins != null && !Files.isDirectory(plugins)) {
            problems.add(top.place("plugin_directory"), "plugin_directory", "'" + plugins + "' is no directory");
            plugins = null;
        }
        Backends known = backends.apply(plugins);
        StoreConfig storage = store("storage", blocks.all("storage", "backend"), known);
        StoreConfig haStorage = store("ha_storage", blocks.all("ha_storage", "ha_backend"), known);
        if (storage == null && blocks.all("storage", "backend").isEmpty()) {
            problems.add(
                    start,
                    "storage",
                    "is required, such as storage \"etcd\" { … }; known types: " + String.join(", ", known.types()));
        }
        Sockets sockets = new Sockets(!values.disableClustering());
        List<ListenerConfig> listeners = listeners(start, blocks.all("listener"), sockets);
        Path unsealKey = AutoUnsealReader.read(blocks.all("seal"), problems);
        URI api = values.apiAddr();
        URI given = values.clusterAddr();
        URI cluster = given == null ? Address.besides(api) : given;
        if (api != null && cluster != null && Address.samePlace(api, cluster)) {
            problems.add(
                    top.place("cluster_addr"),
                    "cluster_addr",
                    "must differ from api_addr, " + api + ": other nodes come in on a port of their own");
        }
        problemsOf(known);
        return new ServerConfig(
                storage == null ? NONE : storage,
                haStorage,
                listeners,
                api,
                cluster,
                values.disableClustering(),
                values.disablePerformanceStandby(),
                plugins,
                unsealKey,
                values.lockDelay(),
                values.logLevel(),
                values.clusterName(),
                values.ui(),
                problems.warnings());
    }

    private void problemsOf(Backends known) {
        known.problems().forEach(problem -> problems.warn(top.place(), "backends", problem));
    }

    private @Nullable StoreConfig store(String name, List<Blocks.Block> blocks, Backends known) {
        if (blocks.size() > 1) {
            Blocks.Block second = blocks.get(1);
            problems.add(
                    second.place(),
                    name,
                    "is given twice, first at " + blocks.get(0).place());
            return null;
        }
        if (blocks.isEmpty()) {
            return null;
        }
        Blocks.Block block = blocks.get(0);
        if (block.label().isEmpty() || !(block.value() instanceof Syntax.Body body)) {
            problems.add(
                    block.place(),
                    name,
                    "must be a block with the backend's type, such as " + name + " \"etcd\" { … }");
            return null;
        }
        Stanza stanza = Stanza.of(name + "." + block.label(), body, problems);
        try {
            Config unused = known.configure(block.label(), stanza.texts());
        } catch (ConfigException e) {
            stanza.tell(e, problems);
        }
        return new StoreConfig(block.label(), stanza.texts());
    }

    private List<ListenerConfig> listeners(Place start, List<Blocks.Block> blocks, Sockets sockets) {
        if (blocks.isEmpty()) {
            problems.add(start, "listener", "at least one is required, such as listener \"tcp\" { … }");
        }
        List<ListenerConfig> listeners = new ArrayList<>();
        for (Blocks.Block block : blocks) {
            if (!block.label().equals("tcp") || !(block.value() instanceof Syntax.Body body)) {
                problems.add(
                        block.place(), "listener", "only listener \"tcp\" { … } is known, not '" + block.label() + "'");
                continue;
            }
            ListenerConfig listener = ListenerReader.read(body, problems);
            if (listener == null) {
                continue;
            }
            sockets.add(block.place(), listener, problems);
            listeners.add(listener);
        }
        return listeners;
    }
}
