package dev.holdfast.server.cluster;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * What a node tells others about itself.
 *
 * @param apiAddr what clients are redirected to while it is active; null where nothing is ever redirected
 * @param clusterAddr where other nodes reach it while it is active; null when they cannot
 * @param hostname for people
 * @param version of the server
 */
public record Identity(@Nullable URI apiAddr, @Nullable URI clusterAddr, String hostname, String version) {
    String api() {
        return apiAddr == null ? "" : apiAddr.toString();
    }

    String cluster() {
        return clusterAddr == null ? "" : clusterAddr.toString();
    }
}
