package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;

import dev.holdfast.spi.Key;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
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
