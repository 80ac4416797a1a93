package dev.holdfast.server.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node knows of the others: the active, who stands by; a standby, what the active answered last. */
public final class Peers {
    private static final Logger log = LoggerFactory.getLogger(Peers.class);

    /** A standby that has not heard of the active for so long says that it has lost it. */
    static final Duration LOST_AFTER = Duration.ofSeconds(10);

    private final Member self;
    private final Standbys standbys = new Standbys();
    private volatile @Nullable Heartbeat heartbeat;
    private volatile @Nullable Long missedSince;
    private volatile @Nullable Refused refused;

    /** A term of an active that does not understand this node. */
    private record Refused(String node, long token, String why) {
        boolean isOf(Advertisement active) {
            return active.node().equals(node) && active.token() == token;
        }
    }

    Peers(Member self) {
        this.self = self;
    }

    /** This node is active from now on. */
    void lead() {
        standbys.clear();
        heartbeat = null;
        missedSince = null;
    }

    /** Who stands by, as far as the active has heard. */
    public Standbys standbys() {
        return standbys;
    }

    /** The active answered. */
    public void beat(Heartbeat now) {
        heartbeat = now;
        missedSince = null;
    }

    /** The active was asked and did not answer. */
    public void missedBeat() {
        if (missedSince == null) {
            missedSince = System.nanoTime();
        }
    }

    /** The active does not know this node's protocol; until there is another one, this node forwards nothing there. */
    public void refusedBy(Advertisement active, String why) {
        Refused last = refused;
        refused = new Refused(active.node(), active.token(), why);
        if (last == null || !last.isOf(active)) {
            log.warn(
                    "{} refuses this node, which is version {}, so clients are redirected: {}",
                    active,
                    self.version(),
                    why);
        }
    }

    /** Why this active refuses this node; empty when it does not. */
    Optional<String> refusalOf(Supplier<Optional<Advertisement>> active) {
        Refused last = refused;
        return last == null ? Optional.empty() : active.get().filter(last::isOf).map(one -> last.why);
    }

    /** When the active answered last; empty when it never did. */
    public Optional<Heartbeat> heartbeat() {
        return Optional.ofNullable(heartbeat);
    }

    /** Whether the active was asked and has not answered since. */
    public boolean hasMissedBeat() {
        return missedSince != null;
    }

    /** Whether the active was asked and has not answered for too long. */
    boolean isActiveSilent() {
        Long missed = missedSince;
        return missed != null && System.nanoTime() - missed >= LOST_AFTER.toNanos();
    }

    /** As {@link ClusterNode#members()}. */
    List<Member> members(boolean active, Optional<Advertisement> leader) {
        List<Member> members = new ArrayList<>();
        members.add(self);
        if (active) {
            members.addAll(standbys.members());
            return members;
        }
        Heartbeat last = heartbeat;
        if (last != null) {
            last.members().stream()
                    .filter(one -> !one.node().equals(self.node()))
                    .map(one -> one.later(last.ageMillis()))
                    .forEach(members::add);
        }
        leader.filter(one -> members.stream().noneMatch(known -> known.node().equals(one.node())))
                .ifPresent(one -> members.add(new Member(one.node(), one.hostname(), one.apiAddr(), one.version(), 0)));
        return members;
    }
}
