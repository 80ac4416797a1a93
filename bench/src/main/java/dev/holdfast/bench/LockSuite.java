package dev.holdfast.bench;

import dev.holdfast.bench.Bench.Figure;
import dev.holdfast.bench.raw.Election;
import dev.holdfast.bench.raw.Peer;
import dev.holdfast.bench.raw.RawStore;
import dev.holdfast.bench.raw.RawWatch;
import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stores.Target;
import dev.holdfast.spi.HABackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Locks that change hands while all goes well. */
final class LockSuite {
    /** So many that each rests for longer than an instance lets others look, by the time that it is its turn again. */
    private static final int RESTED_LOCKS = 100;

    private static final Duration PATIENT = Duration.ofSeconds(10);

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
    }

    /** Of locks that nobody has to renew while they are measured. */
    static Map<String, String> patient() {
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
            }
            Optional<Peer> thrifty = target.thriftyPeer("peer/thrifty", open::add);
            thrifty.ifPresent(peer -> contestants.add(both(peer)));
            Optional<Peer> guarded = raw.guardedQueue("raw-guarded");
            guarded.ifPresent(peer -> contestants.add(both(peer)));
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
                        thrifty.isPresent()
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
            if (thrifty.isPresent()) {
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
            if (guarded.isPresent()) {
                bench.durations(
                        id + "/guarded-queue",
                        row,
                        type,
                        taken.get(0),
                        "raw queue, guarded",
                        taken.get(contestants.size() - 1),
                        List.of(Figure.p50(null)),
                        "the same requests as ours, with the conditions by which what is late changes nothing");
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
            RawWatch floor = open.add(target.watch("raw-floor", 0));
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
}
