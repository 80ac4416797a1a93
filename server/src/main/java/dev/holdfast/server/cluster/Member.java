package dev.holdfast.server.cluster;

/**
 * A node of the cluster that the active has heard of lately.
 *
 * @param node its name for this life
 * @param hostname for people
 * @param silentMillis how long ago it was heard of
 */
public record Member(String node, String hostname, String apiAddr, String version, long silentMillis) {
    Member later(long millis) {
        return new Member(node, hostname, apiAddr, version, silentMillis + millis);
    }
}
