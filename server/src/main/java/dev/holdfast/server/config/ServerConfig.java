package dev.holdfast.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A configuration whose parts go together. Whether the backends exist and can lock shows when they are opened.
 *
 * @param storage where the data is
 * @param haStorage where the lock is; null for {@code storage} itself
 * @param listeners at least one
 * @param apiAddr what clients are redirected to; null when it was not given
 * @param clusterAddr where other nodes reach this one; null when it is not given and cannot be derived
 * @param disableClustering whether standbys only redirect
 * @param disablePerformanceStandby whether standbys leave reads to the active, too
 * @param pluginDirectory where more backends are
 * @param autoUnseal the file with the key that unseals this node by itself
 * @param lockDelay how long a write may be on its way where storage cannot fence; null for the library's own choice
 * @param logLevel as Logback knows it
 * @param clusterName for people
 * @param ui whether the status page is shown
 * @param warnings about what is accepted and has no effect
 */
public record ServerConfig(
        StoreConfig storage,
        @Nullable StoreConfig haStorage,
        List<ListenerConfig> listeners,
        @Nullable URI apiAddr,
        @Nullable URI clusterAddr,
        boolean disableClustering,
        boolean disablePerformanceStandby,
        @Nullable Path pluginDirectory,
        @Nullable Path autoUnseal,
        @Nullable Duration lockDelay,
        String logLevel,
        String clusterName,
        boolean ui,
        List<String> warnings) {}
