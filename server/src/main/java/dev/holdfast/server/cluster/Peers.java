package dev.holdfast.server.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a node knows of the others: the active, who stands by; a standby, what the active answered last. */
public final class Peers {
    /** A standby that has not heard of the active for so long says that it has lost it. */
    static final Duration LOST_AFTER = Duration.ofSeconds(10);

    private final Member self;
    private final Standbys standbys = new Standbys();
    private volatile @Nullable Heartbeat heartbeat;
    private volatile @Nullable Long missedSince;

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

    /** When the active answered last; empty when it never did. */
    public Optional<Heartbeat> heartbeat() {
        return Optional.ofNullable(heartbeat);
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
