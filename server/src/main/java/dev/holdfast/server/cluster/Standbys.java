package dev.holdfast.server.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The standbys that have told the active lately that they are there. */
public final class Standbys {
    private static final Duration FORGET_AFTER = Duration.ofSeconds(30);
    private static final int MOST = 1_000;

    private final Map<String, Heard> heard = new ConcurrentHashMap<>();

    private record Heard(Seen seen, long nanos) {}

    /**
     * One standby.
     *
     * @param lastEcho for people
     */
    public record Seen(String hostname, String apiAddr, String clusterAddr, String version, Instant lastEcho) {}

    /** A standby, by the name that it has for this life, was heard of now. */
    public void heard(String node, Seen seen) {
        if (heard.size() < MOST || heard.containsKey(node)) {
            heard.put(node, new Heard(seen, System.nanoTime()));
        }
    }

    /** All that were heard of within the last 30 s, by their address. */
    public List<Seen> all() {
        long now = System.nanoTime();
        heard.values().removeIf(one -> now - one.nanos > FORGET_AFTER.toNanos());
        return heard.values().stream()
                .map(Heard::seen)
                .sorted(Comparator.comparing(Seen::apiAddr).thenComparing(Seen::hostname))
                .toList();
    }

    void clear() {
        heard.clear();
    }
}
