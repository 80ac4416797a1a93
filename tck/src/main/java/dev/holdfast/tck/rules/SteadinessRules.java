package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;

import dev.holdfast.spi.Key;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Nobody loses a lease without a reason. */
public final class SteadinessRules {
    private static final int HOLDERS = 20;
    private static final double LATE = 0.01;
    private static final int FEW_HOLDERS = 3;

    /**
     * Where holders and contenders have to ask the store, 20 of them are a load by themselves, and a part of a short TTL is
     * less than a machine of two processors is late by then.
     */
    private static final Duration TTL_WHERE_THEY_ASK = Duration.ofSeconds(6);

    private static final Map<String, String> OPTIONS_WHERE_THEY_ASK =
            Map.of("lock_ttl", TTL_WHERE_THEY_ASK.toSeconds() + "s", "lock_poll", "1s");
    private static final int RESETS = 4;
    private static final Duration ELECTION = Duration.ofSeconds(20);

    /** So many that each server is likely to have some. */
    private static final int HOLDERS_OF_A_CLUSTER = 7;

    /** What a renewal adds to a deadline at least; two looks at the same one differ by less. */
    private static final Duration A_RENEWAL = Duration.ofMillis(100);

    /** One reply in a hundred comes late. */
    @Verifies(value = Rule.LO_07, boundSeconds = 300, parallel = true)
    public void noLeaseIsLostToLateReplies(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        boolean polls = !trial.harness().pollInterval().isZero();
        Duration ttl = polls ? TTL_WHERE_THEY_ASK : trial.lockTtl();
        List<Held> held = new ArrayList<>();
        for (int i = 0; i < HOLDERS; i++) {
            Contender holder =
                    Contender.linked(trial, history, "holder-" + i, polls ? OPTIONS_WHERE_THEY_ASK : Map.of());
            Key lock = key("lock/" + i);
            held.add(holder.win(lock));
            holder.link().lateReplies(LATE, ttl.dividedBy(3), trial.seed() + i);
        }
        long began = System.nanoTime();
        while (System.nanoTime() - began < ttl.multipliedBy(10).toNanos()) {
            for (Held lease : held) {
                require(
                        trial,
                        history,
                        lease,
                        ttl,
                        30,
                        "while one reply in a hundred came up to "
                                + ttl.dividedBy(3).toMillis() + " ms late");
            }
            Thread.sleep(5);
        }
    }

    /** Connections are reset while something is on its way on them, again and again; they can be made again at once. */
    @Verifies(value = Rule.LO_07, boundSeconds = 180, parallel = true)
    public void noLeaseIsLostToConnectionsThatAreReset(Trial trial) throws Exception {
        Duration ttl = Duration.ofSeconds(6);
        LockHistory history = new LockHistory();
        List<Contender> holders = new ArrayList<>();
        List<Held> held = holders(trial, history, ttl, holders);
        for (int round = 0; round < RESETS; round++) {
            for (int i = 0; i < held.size(); i++) {
                Held lease = held.get(i);
                Link link = holders.get(i).link();
                link.delay(Duration.ofMillis(100));
                long sent = link.traffic().toStore();
                trial.await(
                        "a request of " + holders.get(i),
                        ttl.dividedBy(2),
                        () -> link.traffic().toStore() > sent);
                link.apply(Fault.RESET);
                long deadline = deadline(lease);
                link.heal();
                trial.await(
                        "a renewal after a reset, or a loss",
                        ttl,
                        () -> lease.isLost() || deadline(lease) - deadline > A_RENEWAL.toNanos());
                require(trial, history, lease, ttl, 6, "after the connections of its holder were reset");
            }
        }
    }

    /** Until when the holder may believe in its lease, as far as is known now. */
    private static long deadline(Held lease) {
        return System.nanoTime() + lease.lease().remaining().toNanos();
    }

    /** The connections of a holder die without a word, as behind a firewall that has forgotten them; new ones work. */
    @Verifies(value = Rule.LO_07, boundSeconds = 180, parallel = true)
    public void noLeaseIsLostToConnectionsThatFallSilent(Trial trial) throws Exception {
        Duration ttl = Duration.ofSeconds(10);
        LockHistory history = new LockHistory();
        List<Contender> holders = new ArrayList<>();
        List<Held> held = holders(trial, history, ttl, holders);
        for (Contender holder : holders) {
            Thread.sleep(trial.random().nextInt((int) ttl.dividedBy(8).toMillis())); // at any point between renewals
            holder.link().silenceConnections();
        }
        long began = System.nanoTime();
        // What was sent before is given up by its sender within the TTL; that must not end the lease either.
        while (System.nanoTime() - began < ttl.multipliedBy(3).dividedBy(2).toNanos()) {
            for (Held lease : held) {
                require(trial, history, lease, ttl, 20, "after the connections of its holder had fallen silent");
            }
            Thread.sleep(20);
        }
    }

    /** Each server in turn dies and comes back, the leader last; leases outlive that when the others go on serving. */
    @Verifies(value = Rule.LO_07, cluster = true, boundSeconds = 240)
    public void noLeaseIsLostWhenAServerDies(Trial trial) throws Exception {
        List<StoreServer> servers = Servers.of(trial);
        Duration ttl = Duration.ofSeconds(6);
        LockHistory history = new LockHistory();
        List<Contender> holders = new ArrayList<>();
        List<Held> held = new ArrayList<>();
        for (int i = 0; i < HOLDERS_OF_A_CLUSTER; i++) {
            Map<String, String> options = new HashMap<>(trial.optionsFor(Servers.turned(servers, i)));
            options.put("lock_ttl", ttl.toSeconds() + "s");
            Contender holder = Contender.of(trial, history, "holder-" + i, options);
            holders.add(holder);
            held.add(holder.win(key("lock/" + i)));
            // So that not all renewals are due together, before a leader's death or after it.
            Thread.sleep(trial.random().nextInt((int) ttl.toMillis() / 10));
        }
        List<StoreServer> leaderLast = new ArrayList<>(servers);
        StoreServer leader = Servers.one(servers, true);
        leaderLast.remove(leader);
        leaderLast.add(leader);
        List<String> undecided = new ArrayList<>();
        boolean leaderDied = false;
        for (StoreServer server : leaderLast) {
            for (int i = 0; i < held.size(); i++) {
                Held lease = held.get(i);
                if (!lease.isHeld()) { // lost while the rule promised nothing
                    held.set(i, holders.get(i).winAfterHealing(lease.lease().key(), ELECTION.plus(ttl)));
                }
            }
            boolean led = server.leads();
            leaderDied |= led;
            Duration silence = silenceWithout(trial, server, Servers.without(servers, server), held, ttl);
            String death = "the death of " + server + (led ? ", the leader," : "")
                    + " after which the others were silent" + " for " + silence.toMillis() + " ms";
            if (silence.compareTo(ttl.dividedBy(3)) > 0) {
                undecided.add(death);
                continue; // then the rule promises nothing
            }
            for (Held lease : held) {
                require(trial, history, lease, ttl, 20, "by " + death);
            }
        }
        if (!leaderDied) {
            undecided.add("the death of a leader, since no server that died led the others");
        }
        if (!undecided.isEmpty()) {
            throw new UnverifiedException("where the store is silent for more than a third of " + ttl.toMillis()
                    + " ms a lease may be lost; so nothing is known of " + undecided);
        }
    }

    /**
     * Kills a server until each lease was renewed without it or is lost, and starts it again; returns the longest time in
     * which the others acknowledged nothing.
     */
    private static Duration silenceWithout(
            Trial trial, StoreServer server, List<StoreServer> others, List<Held> held, Duration ttl)
            throws InterruptedException {
        try (StoreWitness witness = new StoreWitness(trial, others)) {
            witness.begin(ELECTION);
            server.kill();
            try {
                List<Long> deadlines =
                        held.stream().map(SteadinessRules::deadline).toList();
                for (int i = 0; i < held.size(); i++) {
                    Held lease = held.get(i);
                    long deadline = deadlines.get(i);
                    trial.await(
                            "a renewal without " + server + ", or a loss: " + lease,
                            ttl.plusSeconds(1),
                            () -> !lease.isHeld() || deadline(lease) - deadline > A_RENEWAL.toNanos());
                }
            } finally {
                server.start();
            }
            return witness.silence();
        }
    }

    private static List<Held> holders(Trial trial, LockHistory history, Duration ttl, List<Contender> holders)
            throws Exception {
        List<Held> held = new ArrayList<>();
        for (int i = 0; i < FEW_HOLDERS; i++) {
            Contender holder =
                    Contender.linked(trial, history, "holder-" + i, Map.of("lock_ttl", ttl.toSeconds() + "s"));
            held.add(holder.win(key("lock/" + i)));
            holders.add(holder);
            if (holder.link().connections() == 0) {
                throw new NotApplicableException("the link knows no connections");
            }
        }
        return held;
    }

    /** @param room the part of the TTL that is left in the worst case, for the machine, as a divisor */
    private static void require(Trial trial, LockHistory history, Held lease, Duration ttl, int room, String when) {
        if (lease.isHeld() && !lease.isLost()) {
            return;
        }
        long lost = lease.snapshot().lost();
        long at = lost == Hold.NEVER ? System.nanoTime() : history.nanoTime(lost);
        throw trial.machine()
                .unexpected(
                        "a lease was lost " + when + ", with lock_ttl " + ttl.toMillis() + " ms: " + lease,
                        ttl.dividedBy(room),
                        at - 2 * ttl.toNanos(),
                        at);
    }
}
