package dev.holdfast.bench;

import dev.holdfast.bench.Bench.Figure;
import dev.holdfast.bench.raw.Election;
import dev.holdfast.bench.raw.Peer;
import dev.holdfast.bench.raw.RawStore;
import dev.holdfast.bench.raw.RawWatch;
import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Measure;
import dev.holdfast.bench.report.Side;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stores.Target;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.faults.TcpLink;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Locks while all goes well. */
final class LockSuite {
    private static final int WAITERS = 10;
    private static final int LOCKS = 1_000;

    /** So many that each rests for longer than an instance lets others look, by the time that it is its turn again. */
    private static final int RESTED_LOCKS = 100;

    private static final Duration PATIENT = Duration.ofSeconds(10);

    /** Renewals, and one request each 500 ms of a TTL of 6 s. */
    private static final double POLLS = 4 + 12;

    private final Bench bench;
    private final Target target;
    private final String type;

    LockSuite(Bench bench, Target target) {
        this.bench = bench;
        this.target = target;
        this.type = target.type();
    }

    void run() throws InterruptedException {
        bench.group(type + "/acquire-release", this::uncontended);
        bench.group(type + "/hand-off", this::handOff);
        bench.group(type + "/standbys", this::standbys);
        bench.group(type + "/locks-1000", this::manyLocks);
    }

    private static Map<String, String> patient() {
        return Map.of("lock_ttl", PATIENT.toSeconds() + "s");
    }

    private void uncontended() throws Exception {
        String id = type + "/acquire-release";
        String row = "uncontended acquire + release";
        try (HABackend backend = target.open(target.options("bench-locks/", patient()));
                Opened open = new Opened();
                RawStore raw = target.raw()) {
            Peer ours =
                    target.watches() ? new OurPeer(backend, "alone") : OurPeer.byTurns(backend, "alone", RESTED_LOCKS);
            List<Turns.Contestant> contestants = new ArrayList<>();
            contestants.add(both(ours));
            contestants.add(Turns.timed(() -> raw.twoCommits("raw-commits")));
            if (target.watches()) {
                contestants.add(both(target.peer("peer/alone", open::add)));
                contestants.add(both(raw.queue("raw-queue").orElseThrow()));
                Optional<Peer> thrifty = target.thriftyPeer("peer/thrifty", open::add);
                thrifty.ifPresent(peer -> contestants.add(both(peer)));
            }
            int rounds = target.watches() ? bench.size(1_500, 150) : bench.size(300, 30);
            int warmUp = target.watches() ? bench.size(4_000, 30) : RESTED_LOCKS;
            List<double[]> taken = new Turns(bench.random(id)).take(warmUp, rounds, contestants);
            bench.durations(
                    id + "/commits",
                    row,
                    type,
                    taken.get(0),
                    "two raw commits",
                    taken.get(1),
                    List.of(Figure.p50(Goal.atMostTimes(1.10)), Figure.p99(null)),
                    target.watches()
                            ? ""
                            : "a lock that rested; the one that was freed just now is taken after lock_poll only, so that"
                                    + " others may look");
            if (target.watches()) {
                bench.durations(
                        id + "/peer",
                        row,
                        type,
                        taken.get(0),
                        target.peerName(),
                        taken.get(2),
                        List.of(Figure.p50(new Goal(Goal.Of.RATIO, true, 1 / 1.8, "≤ 0.56×")), Figure.p99(null)),
                        contestants.size() == 5
                                ? "0.56: 1.8 times as fast; the peer takes a lease for each turn, as its examples do"
                                : "0.56: 1.8 times as fast");
                bench.durations(
                        id + "/queue",
                        row,
                        type,
                        taken.get(0),
                        "raw queue",
                        taken.get(3),
                        List.of(Figure.p50(null)),
                        "the floor: an entry made and removed, and with it a look at who else is there");
                bench.durations(
                        id + "/peer-floor",
                        row,
                        target.peerName(),
                        taken.get(2),
                        "two raw commits",
                        taken.get(1),
                        List.of(Figure.p50(null)),
                        "the floor: nothing in one commit each can be faster than the peer by more than this");
            }
            if (contestants.size() == 5) {
                bench.durations(
                        id + "/thrifty-peer",
                        row,
                        type,
                        taken.get(0),
                        target.peerName() + ", lease kept",
                        taken.get(4),
                        List.of(Figure.p50(null)),
                        "the peer keeps one lease, as ours keeps a session; then each of its halves is one commit, too");
            }
        }
    }

    private static Turns.Contestant both(Peer peer) {
        return Turns.timed(() -> {
            peer.acquire();
            peer.release();
        });
    }

    private void handOff() throws Exception {
        String id = type + "/hand-off";
        String row = "graceful hand-off";
        Random random = bench.random(id);
        try (Opened open = new Opened()) {
            HABackend one = open.add(target.open(target.options("bench-hand-off/", patient())));
            HABackend other = open.add(target.open(target.options("bench-hand-off/", patient())));
            Relay ours = open.add(new Relay(List.of(new OurPeer(one, "relay"), new OurPeer(other, "relay")), random));
            if (!target.watches()) {
                List<double[]> taken = new Turns(random).take(2, bench.size(60, 10), List.of(ours));
                bench.durations(
                        id,
                        row,
                        type,
                        taken.get(0),
                        null,
                        null,
                        List.of(Figure.p50(null), Figure.p99(null)),
                        "waiters poll: lock_poll is 500 ms here");
                return;
            }
            RawWatch floor = open.add(target.watch("raw-floor"));
            Peer first = target.peer("peer/relay", open::add);
            Peer second = target.peer("peer/relay", open::add);
            Relay peers = open.add(new Relay(List.of(first, second), random));
            Election election = open.add(target.election(PATIENT).orElseThrow());
            Election rival = open.add(target.election(PATIENT).orElseThrow());
            Relay leaders = open.add(
                    new Relay(List.of(election.candidate("leader/relay"), rival.candidate("leader/relay")), random));
            Turns.Contestant rested = () -> {
                floor.prepare();
                Relay.rest(random); // as the others do
                return floor.commitToEvent();
            };
            List<double[]> taken =
                    new Turns(random).take(10, bench.size(400, 40), List.of(ours, rested, peers, leaders));
            bench.durations(
                    id + "/floor",
                    row,
                    type,
                    taken.get(0),
                    "one commit + one watch event",
                    taken.get(1),
                    List.of(Figure.p50(Goal.atMostTimes(1.3))),
                    "the event counts when it is in the client, ours when acquire() has returned");
            bench.durations(
                    id + "/peer",
                    row,
                    type,
                    taken.get(0),
                    target.peerName(),
                    taken.get(2),
                    List.of(Figure.p50(null), Figure.p99(Goal.atMost(10e6, Unit.NANOS))),
                    "");
            bench.durations(
                    id + "/leader",
                    row,
                    type,
                    taken.get(0),
                    election.name(),
                    taken.get(3),
                    List.of(Figure.p50(null), Figure.p99(null)),
                    "for each turn a new latch, or a new lease that is kept alive");
        }
    }

    /** What waiting costs the store. */
    private void standbys() throws Exception {
        String id = type + "/standbys";
        Map<String, String> options = target.options("bench-standbys/", Map.of());
        try (TcpLink link = TcpLink.between(Backends.load().provider(type).options(), options);
                HABackend active = target.open(options);
                HABackend standby = target.open(link.options())) {
            Lease held = active.lock(Key.of("standby"), "active").acquire();
            String each =
                    " in each TTL of " + Unit.NANOS.text((double) target.ttl().toNanos());
            String counted = target.requests(link).by()
                    + ", less those of the same clients before this one had anything to do with locks";
            var unused = standby.get(Key.of("anything"));
            double idle = idle(link, standby, 0);
            Lease own = standby.lock(Key.of("own"), "standby").acquire();
            bench.add(counted(
                    id + "/renewals",
                    "requests" + each,
                    "to hold a lock",
                    idle(link, standby, 0) - idle,
                    4,
                    target.watches()
                            ? counted
                            : "4 renewals, and looks whether the lock was removed, one each 400 ms: S3 tells nobody"));
            own.release();
            bench.add(counted(
                    id + "/requests",
                    "requests" + each,
                    "to wait",
                    idle(link, standby, 1) - idle,
                    // A waiter also makes sure every 5 s that the store still answers.
                    target.watches() ? 4 + target.ttl().toMillis() / 5_000.0 : POLLS,
                    target.watches() ? counted : "S3 tells nobody, so waiters poll: one request each lock_poll"));
            if (target.watches()) {
                bench.add(counted(
                        id + "/requests-" + WAITERS,
                        "requests" + each,
                        "when " + WAITERS + " in one client wait",
                        idle(link, standby, WAITERS) - idle,
                        4 + WAITERS * target.ttl().toMillis() / 5_000.0,
                        counted));
            }
            held.release();
        }
    }

    private Measure counted(String id, String row, String figure, double value, double most, String note) {
        return Measure.of(
                id,
                row,
                figure,
                Unit.COUNT,
                Side.counted(type, value),
                null,
                null,
                Goal.atMost(most, Unit.COUNT),
                note);
    }

    /** Requests per TTL while so many wait and nothing happens. */
    private double idle(TcpLink link, HABackend standby, int waiters) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < waiters; i++) {
            HALock lock = standby.lock(Key.of("standby"), "standby-" + i);
            Thread thread = new Thread(() -> wait(lock), "holdfast-bench-standby");
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        int ttls = bench.size(10, 3);
        TimeUnit.NANOSECONDS.sleep(target.ttl().toNanos());
        long before = target.requests(link).requests();
        TimeUnit.NANOSECONDS.sleep(ttls * target.ttl().toNanos());
        double each = (double) (target.requests(link).requests() - before) / ttls;
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            thread.join(10_000);
        }
        return each;
    }

    private static void wait(HALock lock) {
        try {
            lock.acquire().release();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void manyLocks() throws Exception {
        String id = type + "/locks-1000";
        // Where nobody is told, each holder asks again and again whether its lock was removed.
        int locks = target.watches() ? bench.size(LOCKS, LOCKS) : LOCKS / 10;
        try (HABackend backend = target.open(target.options("bench-many/", patient()))) {
            List<Lease> held = new ArrayList<>();
            held.add(backend.lock(Key.of("many/0"), "bench").acquire());
            int before = threads();
            for (int i = 1; i < locks; i++) {
                held.add(backend.lock(Key.of("many/" + i), "bench").acquire());
            }
            int after = threads();
            TimeUnit.SECONDS.sleep(bench.size(20, 2)); // and all are still held, two TTLs later
            long lost = held.stream().filter(lease -> !lease.isHeld()).count();
            bench.add(Measure.of(
                    id + "/threads",
                    locks + " locks held in one process",
                    "threads beyond those of one lock",
                    Unit.COUNT,
                    Side.counted(type, Math.max(0, after - before)),
                    null,
                    null,
                    Goal.atMost(8, Unit.COUNT),
                    "the threads of all clients in this JVM"));
            bench.add(Measure.of(
                    id + "/lost",
                    locks + " locks held in one process",
                    "lost meanwhile",
                    Unit.COUNT,
                    Side.counted(type, (double) lost),
                    null,
                    null,
                    Goal.atMost(0, Unit.COUNT),
                    ""));
        }
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }
}
