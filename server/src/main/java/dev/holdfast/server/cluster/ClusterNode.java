package dev.holdfast.server.cluster;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.HANode;
import dev.holdfast.ha.HAStorage;
import dev.holdfast.ha.Protection;
import dev.holdfast.ha.Term;
import dev.holdfast.server.barrier.Barrier;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An unsealed node: active, or standing by. It lives from unsealing to sealing.
 *
 * <p>The lock's value is a random name for this life of the node; whoever leads writes its advertisement under that name,
 * with a fresh certificate each term, after it is able to serve and before others can find it.
 */
public final class ClusterNode implements AutoCloseable {
    /** The lock that all nodes of a cluster contend for. */
    public static final Key LOCK = Key.of("core/lock");

    private static final Logger log = LoggerFactory.getLogger(ClusterNode.class);

    /** What a takeover reads. */
    static final List<Key> NEEDED = Stream.concat(Barrier.ENTRIES.stream(), Stream.of(ClusterVersion.KEY))
            .toList();

    /** How long requests may go on after the node was asked to step down. */
    private static final Duration DRAIN = Duration.ofSeconds(5);

    /** Enough for those who wait for the lock; who comes back sooner is there sooner when the next one fails. */
    private static final Duration STEP_DOWN_PAUSE = Duration.ofSeconds(2);

    /** How long a standby may send requests to one that does not lead any more and does not answer. */
    private static final Duration LEADER_POLL = Duration.ofMillis(300);

    private final String name = UUID.randomUUID().toString();
    private final Identity identity;
    private final HAStorage pair;
    private final Barrier barrier;
    private final boolean talksBothWays;
    private final TermPort port;
    private final Consumer<? super Backend> beforeLeading;
    private final @Nullable HANode node;
    private final @Nullable Leaders leaders;
    private final @Nullable StandbyProbe probe;
    private final Ahead<TermCertificate> certificates;
    private final Peers peers;
    private volatile @Nullable Active active;
    private volatile @Nullable Advertisement advertised;

    /**
     * Starts to contend; where there is no lock, it is active at once.
     *
     * @param locks the backend of the lock; null where there is none
     * @param port opened while this node is active
     * @param beforeLeading given encrypted storage before this node serves as the active, which it does not when this throws
     * @param onEvent told what happens
     */
    public ClusterNode(
            Identity identity,
            HAStorage pair,
            @Nullable HABackend locks,
            Barrier barrier,
            ClusterPort port,
            Consumer<? super Backend> beforeLeading,
            Consumer<? super HAEvent> onEvent) {
        this.identity = identity;
        this.pair = pair;
        this.barrier = barrier;
        this.port = new TermPort(port);
        this.talksBothWays = port.isBothWays();
        this.certificates = new Ahead<>("holdfast-server-certificate", () -> TermCertificate.create(name));
        this.beforeLeading = beforeLeading;
        peers = new Peers(new Member(name, identity.hostname(), identity.api(), identity.version(), 0));
        if (locks == null || pair.protection() == Protection.NONE) {
            barrier.reload(pair.storage());
            beforeLeading.accept(barrier.over(pair.storage()));
            node = null;
            leaders = null;
            probe = null;
            active = new Active(null, pair.storage(), barrier);
            return;
        }
        node = HANode.of(pair, LOCK, name)
                .onActive(this::serve)
                .onStandby(this::end)
                .onEvent(onEvent)
                .leaderPoll(LEADER_POLL)
                .stepDownPause(STEP_DOWN_PAUSE)
                .start();
        leaders = new Leaders(
                barrier.over(pair.storage()),
                locks.lock(LOCK, name),
                name,
                node::leader,
                () -> Optional.ofNullable(advertised));
        StandbyProbe started = new StandbyProbe(barrier, pair.storage(), pair.requestTimeout(), () -> active == null);
        probe = started;
        started.start();
    }

    /** In the node's own thread; when it throws, {@link #end} follows, and another node may try. */
    private void serve(Term term) throws Exception {
        Laps laps = new Laps();
        Backend raw = term.storage();
        Backend ahead = ReadAhead.of(raw, NEEDED);
        TermCertificate certificate = certificates.next();
        laps.done("certificate");
        port.open(certificate);
        barrier.reload(ahead);
        laps.done("keys");
        beforeLeading.accept(barrier.over(ahead));
        laps.done("version");
        port.awaitOpen();
        laps.done("port");
        Active now = new Active(term, raw, barrier);
        active = now;
        Advertisement own = new Advertisement(
                name,
                term.lease().token(),
                identity.api(),
                identity.cluster(),
                certificate.certificateText(),
                certificate.keyText(),
                identity.hostname(),
                identity.version(),
                now.since().toString());
        peers.lead();
        barrier.over(ahead).put(own.entry());
        advertised = own;
        laps.done("advertisement");
        log.info("active with token {} within {}", term.lease().token(), laps);
        removeStale(now.storage());
    }

    /** For tidiness alone, which is no reason to give up what was won: nobody looks for them any more. */
    private void removeStale(Backend storage) {
        try {
            for (String child : storage.list(Advertisement.ALL)) {
                if (!child.equals(name) && !child.endsWith("/")) {
                    storage.delete(Advertisement.key(child));
                }
            }
        } catch (BackendException e) {
            log.warn("advertisements of earlier actives stay: {}", e.getMessage());
        }
    }

    private void end(HAEvent why) throws InterruptedException {
        Active last = active;
        active = null;
        boolean orderly = switch (why.kind()) {
            case STEPPED_DOWN, CLOSED, FAILED -> true;
            default -> false;
        };
        if (last != null) {
            last.shut();
            if (orderly && !last.awaitIdle(DRAIN)) {
                log.warn("requests were still under way {} s after stepping down", DRAIN.toSeconds());
            }
        }
        port.close();
        // The successor of one that stepped down removes it, and nobody is sent by it meanwhile; the lock waits for
        // this.
        if (orderly && last != null && why.kind() != HAEvent.Kind.STEPPED_DOWN) {
            withdraw(last);
        }
    }

    /** Nobody is to be sent here any more; a successor would remove it, too. */
    private void withdraw(Active last) {
        try {
            last.storage().delete(Advertisement.key(name));
        } catch (BackendException e) {
            log.debug("the advertisement stays for the successor to remove: {}", e.getMessage());
        }
    }

    /** The service while this node is active. */
    public Optional<Active> active() {
        return Optional.ofNullable(active).filter(Active::isActive);
    }

    /** Whether there may be other nodes. */
    public boolean isHa() {
        return node != null;
    }

    /** What the active advertises, as it was last seen; empty where there is no lock, and while nobody is known. */
    public Optional<Advertisement> leader() {
        return leaders == null ? Optional.empty() : leaders.current().filter(this::mayLead);
    }

    /** As {@link #leader()}, asking the lock's store now. */
    public Optional<Advertisement> lookForLeader() {
        return leaders == null ? Optional.empty() : leaders.look().filter(this::mayLead);
    }

    /** As {@link #lookForLeader()}, but empty when the lock's store does not answer. */
    public Optional<Advertisement> confirmLeader() {
        return leaders == null ? Optional.empty() : leaders.confirmed().filter(this::mayLead);
    }

    /** Of its own term a node knows the end before the lock's store does. */
    private boolean mayLead(Advertisement advertisement) {
        return !isSelf(advertisement) || active().isPresent();
    }

    /** Whether this advertisement is of this node itself. */
    public boolean isSelf(Advertisement advertisement) {
        return advertisement.node().equals(name);
    }

    /** Encrypted storage, for reading on any node. */
    public Backend reading() {
        return barrier.over(pair.storage());
    }

    /** The keys. */
    public Barrier barrier() {
        return barrier;
    }

    /** What it knows of the others. */
    public Peers peers() {
        return peers;
    }

    /** The nodes of the cluster that the active has heard of, itself included; on a standby, what it said last. */
    public List<Member> members() {
        return peers.members(active().isPresent(), leader());
    }

    /** The name of this life of the node. */
    public String name() {
        return name;
    }

    /** Whether a standby knows an active; where they are to talk, whether it also answered lately. */
    public boolean reachesActive() {
        return leader().isPresent()
                && !peers.isActiveSilent()
                && refusalOfActive().isEmpty();
    }

    /** Whether this node, standing by, has heartbeats with that active. */
    boolean talksTo(Advertisement leader) {
        return talksBothWays && !leader.clusterAddr().isEmpty();
    }

    /** Why the active refuses this node, whose protocol it does not know; empty when it does not. */
    public Optional<String> refusalOfActive() {
        return peers.refusalOf(this::leader);
    }

    /** Whether a standby could read from storage lately, with the keys that it has. */
    public boolean reachesStorage() {
        return probe == null || !probe.isOverdue();
    }

    /** The loop behind it, for meters; empty where there is no lock. */
    public Optional<HANode> node() {
        return Optional.ofNullable(node);
    }

    /** Gives the lock up in order and leaves it to others for a while; returns at once. */
    public boolean stepDown() {
        return node != null && node.stepDown();
    }

    /** Steps down for good, and overwrites the keys. Returns when the lock is free, or after the bounds of {@link HANode#close()}. */
    @Override
    public void close() {
        Active last = active;
        if (probe != null) {
            probe.close();
        }
        if (node != null) {
            node.close();
            port.awaitClosed(DRAIN);
        } else if (last != null) {
            finish(last);
        }
        active = null;
        barrier.destroy();
    }

    private static void finish(Active last) {
        last.shut();
        try {
            boolean unused = last.awaitIdle(DRAIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
