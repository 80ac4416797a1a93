package dev.holdfast.server.cluster;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What a node tells others about itself.
 *
 * @param apiAddr what clients are redirected to while it is active; null where nothing is ever redirected
 * @param clusterAddr where other nodes reach it while it is active; null when they cannot
 * @param hostname for people
 * @param release which build it is
 */
public record Identity(@Nullable URI apiAddr, @Nullable URI clusterAddr, String hostname, Release release) {
    /** Of this build, by the version that it goes by. */
    public Identity(@Nullable URI apiAddr, @Nullable URI clusterAddr, String hostname, String version) {
        this(apiAddr, clusterAddr, hostname, Release.of(version));
    }

    /** The server's. */
    public String version() {
        return release.version();
    }

    String api() {
        return apiAddr == null ? "" : apiAddr.toString();
    }

    String cluster() {
        return clusterAddr == null ? "" : clusterAddr.toString();
    }
}
