package dev.holdfast.server.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The standbys that have told the active lately that they are there. */
public final class Standbys {
    private static final Duration FORGET_AFTER = Duration.ofSeconds(30);

    /** Three heartbeats and a half. */
    private static final Duration SILENT_AFTER = Duration.ofMillis(3_500);

    private static final int MOST = 1_000;

    private static final Logger log = LoggerFactory.getLogger(Standbys.class);

    private final Map<String, Heard> heard = new ConcurrentHashMap<>();
    private final Map<String, Long> refused = new ConcurrentHashMap<>();
    private final LongSupplier clock;
    private volatile @Nullable Long since;

    Standbys() {
        this(System::nanoTime);
    }

    /** @param clock monotonic, in nanoseconds */
    Standbys(LongSupplier clock) {
        this.clock = clock;
    }

    private record Heard(Seen seen, long nanos) {}

    /**
     * One standby.
     *
     * @param state as in {@link Readiness.Stage}
     * @param lastEcho for people
     */
    public record Seen(
            String hostname, String apiAddr, String clusterAddr, String version, String state, Instant lastEcho) {
        /** Whether it is another life of this node, which began again. */
        boolean isSamePlace(Seen other) {
            return !clusterAddr.isEmpty() && clusterAddr.equals(other.clusterAddr) && hostname.equals(other.hostname);
        }
    }

    /** A standby, by the name that it has for this life, was heard of now. */
    public void heard(String node, Seen seen) {
        heard.entrySet()
                .removeIf(
                        one -> !one.getKey().equals(node) && one.getValue().seen.isSamePlace(seen));
        if (heard.size() >= MOST) {
            forgetOld();
        }
        if (heard.size() < MOST || heard.containsKey(node)) {
            heard.put(node, new Heard(seen, clock.getAsLong()));
        }
    }

    private void forgetOld() {
        long now = clock.getAsLong();
        heard.values().removeIf(one -> now - one.nanos > FORGET_AFTER.toNanos());
    }

    /** A standby whose protocol is not known here asked for something now. */
    public void refuse(String node, String version, String protocol) {
        if ((refused.size() < MOST || refused.containsKey(node)) && refused.put(node, clock.getAsLong()) == null) {
            log.warn("a standby of version {} is refused, since its protocol {} is not known here", version, protocol);
        }
    }

    /**
     * How many are not up, or have been silent for long enough to tell; one more while that is too early
     * to tell of any, since this node has only begun to lead.
     */
    int behind() {
        long now = clock.getAsLong();
        Long began = since;
        int unheard = began != null && now - began < SILENT_AFTER.toNanos() ? 1 : 0;
        return unheard
                + (int) heard.values().stream()
                        .filter(one -> now - one.nanos <= FORGET_AFTER.toNanos())
                        .filter(one -> now - one.nanos > SILENT_AFTER.toNanos()
                                || !one.seen.state.equals(Readiness.Stage.UP.toString()))
                        .count();
    }

    /** How many were refused within the last 30 s. */
    int refusedLately() {
        long now = clock.getAsLong();
        refused.values().removeIf(at -> now - at > FORGET_AFTER.toNanos());
        return refused.size();
    }

    /** All that were heard of within the last 30 s, by their address. */
    public List<Seen> all() {
        forgetOld();
        return heard.values().stream()
                .map(Heard::seen)
                .sorted(Comparator.comparing(Seen::apiAddr).thenComparing(Seen::hostname))
                .toList();
    }

    /** The same, with their names. */
    List<Member> members() {
        long now = clock.getAsLong();
        return heard.entrySet().stream()
                .map(one -> member(one.getKey(), one.getValue(), now))
                .filter(one -> one.silentMillis() <= FORGET_AFTER.toMillis())
                .toList();
    }

    private static Member member(String node, Heard heard, long now) {
        Seen seen = heard.seen;
        long silent = Math.max(0, now - heard.nanos) / 1_000_000;
        return new Member(node, seen.hostname(), seen.apiAddr(), seen.version(), silent);
    }

    void clear() {
        since = clock.getAsLong();
        heard.clear();
        refused.clear();
    }
}
