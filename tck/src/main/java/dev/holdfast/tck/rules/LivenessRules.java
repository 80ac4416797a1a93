package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.Violation;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Somebody holds the lock again. */
public final class LivenessRules {
    private static final int CONTENDERS = 4;
    private static final int HAND_OFFS = 20;

    /** Whom a partition cuts off, for how long, and how. */
    private record Partition(
            String name, Fault fault, int ttlPercent, BiFunction<List<Contender>, Random, Set<Contender>> victims) {}

    /** Partitions of every kind, each among contenders of its own. */
    @Verifies(value = Rule.LV_02, boundSeconds = 120, parallel = true)
    public void contendersGoOnAfterEveryPartition(Trial trial) throws Exception {
        List<Partition> partitions = List.of(
                new Partition("all for a moment", Fault.RESET, 20, (all, random) -> Set.copyOf(all)),
                new Partition(
                        "all but the first",
                        Fault.BLACK_HOLE,
                        130,
                        (all, random) -> Set.copyOf(all.subList(1, all.size()))),
                // Attempts are given up meanwhile, and sessions live on.
                new Partition("all for most of a lease", Fault.BLACK_HOLE, 70, (all, random) -> Set.copyOf(all)),
                new Partition("all", Fault.LOSE_REPLIES, 130, (all, random) -> Set.copyOf(all)),
                new Partition("some", Fault.LOSE_REQUESTS, 110, LivenessRules::someOf));
        trial.race(
                partitions.size(), Duration.ofSeconds(100), number -> survives(trial, partitions.get(number), number));
    }

    private static Set<Contender> someOf(List<Contender> all, Random random) {
        return all.stream().filter(contender -> random.nextBoolean()).collect(Collectors.toSet());
    }

    private static void survives(Trial trial, Partition partition, int number) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock/" + number);
        List<Contender> contenders = IntStream.range(0, CONTENDERS)
                .mapToObj(i -> Contender.linked(trial, history, "c" + i))
                .toList();
        Churn churn = new Churn(trial, history, contenders, List.of(lock), Duration.ofMillis(5));
        churn.start();
        churn.runUntil(3 * CONTENDERS, Duration.ofMillis(100), trial.atOnce().multipliedBy(3));
        Set<Contender> victims = partition.victims().apply(contenders, new Random(trial.seed() + number));
        victims.forEach(victim -> victim.link().apply(partition.fault()));
        Thread.sleep(trial.lockTtl().toMillis() * partition.ttlPercent() / 100);
        victims.forEach(victim -> victim.link().heal());
        long healed = history.now();
        String what = "a partition (" + partition.fault() + ", " + partition.name() + ": " + victims + ", of "
                + contenders + ") healed";
        trial.await(
                "every contender that waits for '" + lock + "' gets it after " + what,
                trial.requestTimeout().plus(trial.expiryBound()).plusSeconds(4),
                () -> winners(history, healed).size() == CONTENDERS);
        long calm = history.now();
        int won = history.size();
        trial.await(
                HAND_OFFS + " hand-offs of '" + lock + "', each at once, after everybody had it once since " + what,
                trial.atOnce().multipliedBy(HAND_OFFS),
                () -> history.size() >= won + HAND_OFFS);
        churn.stop();
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
        Duration longest = Duration.ofNanos(
                LockChecker.longestHandOff(history.holds(), calm).orElse(0));
        if (longest.compareTo(trial.atOnce()) > 0) {
            throw trial.machine()
                    .tooLate(
                            "the longest hand-off after everybody had the lock once since " + what + " took "
                                    + longest.toMillis() + " ms, at most "
                                    + trial.atOnce().toMillis() + " are allowed",
                            trial.atOnce(),
                            history.nanoTime(calm));
        }
    }

    private static Set<String> winners(LockHistory history, long since) {
        return history.holds().stream()
                .filter(hold -> hold.from() > since && hold.releasing() != Hold.NEVER)
                .map(Hold::contender)
                .collect(Collectors.toSet());
    }

    /** The waiter's own lease would last much longer than that of the holder whom it waits for. */
    @Verifies(value = Rule.LV_01, boundSeconds = 60, parallel = true)
    public void aWaiterWithALongerTtlIsNotLate(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Map<String, String> longer = new HashMap<>(trial.options());
        longer.put("lock_ttl", trial.lockTtl().multipliedBy(20).toSeconds() + "s");
        Contender holder = Contender.linked(trial, history, "holder");
        Contender waiter = Contender.of(trial, history, "waiter", longer);
        waiter.win(key("own")).release(); // so that its connections are there
        Held unused = holder.win(lock);
        Pending<Held> waiting = waiter.contend(lock);
        waiting.awaitBlocked();
        Thread.sleep(trial.lockTtl().toMillis() * 3 / 2); // it lives by renewals now
        holder.link().apply(Fault.BLACK_HOLE);
        Held won = waiting.get(trial.expiryBound());
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
        won.release();
    }

    /** The lock is released while the one who waits for it can be told nothing, for less time than a lease lasts. */
    @Verifies(value = Rule.LV_02, boundSeconds = 90, parallel = true)
    public void newsThatAWaiterMissedReachesIt(Trial trial) throws Exception {
        List<Fault> faults = List.of(Fault.LOSE_REPLIES, Fault.BLACK_HOLE, Fault.RESET);
        trial.race(faults.size(), Duration.ofSeconds(80), number -> {
            Fault fault = faults.get(number);
            Key lock = key("lock/" + fault);
            LockHistory history = new LockHistory();
            Held held = Contender.of(trial, history, "holder").win(lock);
            Contender waiter = Contender.linked(trial, history, "waiter");
            Duration bound = trial.requestTimeout().plus(trial.expiryBound()).plusSeconds(4);
            long end = System.nanoTime() + trial.lockTtl().plus(bound).toNanos();
            Pending<Held> waiting = Pending.call(trial, "waiter", () -> winAtLast(waiter, lock, end));
            waiting.awaitBlocked();
            waiter.link().apply(fault);
            held.release();
            Thread.sleep(trial.lockTtl().toMillis() * 3 / 10);
            waiter.link().heal();
            Held won = waiting.get(bound);
            Violation.throwIfAny(LockChecker.overlap(history.holds()));
            won.release();
        });
    }

    /** A waiter is away for longer than its place in the queue lasts, and comes back when the lock is handed on. */
    @Verifies(value = Rule.LV_04, boundSeconds = 90, parallel = true)
    public void aWaiterWhosePlaceExpiredQueuesAgain(Trial trial) throws Exception {
        trial.race(4, Duration.ofSeconds(80), number -> {
            boolean healsFirst = number % 2 == 0;
            boolean contested = number / 2 == 0;
            waiterReturns(trial, key("lock/" + number), healsFirst, contested);
        });
    }

    private static void waiterReturns(Trial trial, Key lock, boolean healsFirst, boolean contested) throws Exception {
        LockHistory history = new LockHistory();
        Contender holder = Contender.of(trial, history, "holder");
        Contender waiter = Contender.linked(trial, history, "waiter");
        Contender third = Contender.of(trial, history, "third");
        Contender witness = Contender.of(trial, history, "witness");
        Held held = holder.win(lock);
        Duration patience =
                trial.expiryBound().multipliedBy(2).plus(trial.requestTimeout()).plusSeconds(10);
        long end = System.nanoTime() + patience.toNanos();
        Pending<Held> waiting = Pending.call(trial, "waiter", () -> {
            Held won = winAtLast(waiter, lock, end);
            isBacked(witness, won, "waiter");
            if (!trial.harness()
                    .pollInterval()
                    .isZero()) { // nobody queues there: it may be first, and the third after it
                Thread.sleep(100);
                won.release();
            }
            return won;
        });
        waiting.awaitBlocked();
        Optional<Pending<Held>> rival = contested ? Optional.of(third.contend(lock)) : Optional.empty();
        waiter.link().apply(Fault.BLACK_HOLE);
        Thread.sleep(trial.lockTtl()
                .plus(trial.harness().expiryStep())
                .plusMillis(100)
                .toMillis());
        if (healsFirst) {
            waiter.link().heal();
        }
        held.release();
        if (!healsFirst) {
            waiter.link().heal();
        }
        if (rival.isPresent()) {
            Held theirs = rival.get().get(patience);
            isBacked(witness, theirs, "third");
            Thread.sleep(100); // long enough for a waiter that takes the release for its grant
            assertThat(theirs.isHeld())
                    .as("the lease of the third contender while the waiter queues again: %s", theirs)
                    .isTrue();
            theirs.release();
        }
        Held late = waiting.get(patience);
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
        late.release();
        third.win(lock, trial.atOnce()).release();
    }

    /** Queues again whenever it is told that it must. */
    private static Held winAtLast(Contender waiter, Key lock, long end) throws InterruptedException {
        while (true) {
            try {
                return waiter.win(lock, Duration.ofNanos(end - System.nanoTime()));
            } catch (BackendException.Unavailable e) {
                if (System.nanoTime() - end > 0) {
                    throw e;
                }
                Thread.sleep(10);
            }
        }
    }

    /** Whoever has a lease is the one that the store names. */
    private static void isBacked(Contender witness, Held held, String name) {
        Optional<Holder> named = witness.holder(held.lease().key());
        if (held.isHeld()) {
            assertThat(named)
                    .as("holder() right after '%s' had won, and while it holds: %s", name, held)
                    .contains(new Holder(name, held.token()));
        }
    }
}
