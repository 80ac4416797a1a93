package dev.holdfast.server;

import dev.holdfast.ha.HAStorage;
import dev.holdfast.server.config.ListenerConfig;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.server.config.StoreConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a server says of itself when it starts. */
final class Banner {
    private static final int LABELS = 24;

    private Banner() {}

    /** @param ports of the listeners, as they were opened */
    static String of(ServerConfig config, HAStorage pair, boolean locks, List<Integer> ports) {
        Map<String, String> lines = new LinkedHashMap<>();
        if (config.apiAddr() != null) {
            lines.put("Api Address", config.apiAddr().toString());
        }
        if (config.clusterAddr() != null && !config.disableClustering()) {
            lines.put("Cluster Address", config.clusterAddr().toString());
        }
        for (int i = 0; i < ports.size(); i++) {
            lines.put("Listener " + (i + 1), listener(config, config.listeners().get(i), ports.get(i)));
        }
        lines.put("Log Level", config.logLevel());
        StoreConfig separate = config.haStorage();
        String suffix = separate != null ? "" : locks ? " (HA available)" : " (HA disabled)";
        lines.put("Storage", config.storage().type() + suffix);
        if (separate != null) {
            lines.put("HA Storage", separate.type());
        }
        lines.put("Fencing", fencing(pair));
        lines.put("Version", "Holdfast v" + Version.number());
        return "==> Holdfast server configuration:\n\n"
                + lines.entrySet().stream()
                        .map(line ->
                                " ".repeat(Math.max(0, LABELS - line.getKey().length())) + line.getKey() + ": "
                                        + line.getValue())
                        .collect(Collectors.joining("\n"))
                + "\n";
    }

    private static String listener(ServerConfig config, ListenerConfig listener, int port) {
        String cluster = config.disableClustering() ? "" : ", cluster address: \"" + listener.clusterAddress() + "\"";
        return "tcp (addr: \"" + listener.address().host() + ":" + port + "\"" + cluster + ", max_request_size: \""
                + listener.maxRequestSize() + "\", tls: \"" + (listener.tls() == null ? "disabled" : "enabled") + "\")";
    }

    private static String fencing(HAStorage pair) {
        String kind = pair.protection().name().toLowerCase(Locale.ROOT);
        return switch (pair.protection()) {
            case FENCED -> kind + " (storage itself rejects late writes of a deposed active)";
            case BOUNDED -> kind + " (late writes of a deposed active are outwaited)";
            case NONE ->
                kind + " (no lock, run this node alone: " + pair.whyNoLock().orElse("") + ")";
        };
    }
}
