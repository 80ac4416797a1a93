package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.Violation;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.history.HolderChecker;
import dev.holdfast.tck.history.HolderChecker.Answer;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Many contenders at once. */
public final class ContentionRules {
    private static final int CONTENDERS = 8;
    private static final int RACERS = 32;
    private static final int ENOUGH_HAND_OFFS = 2_000;
    private static final int FEWEST_HAND_OFFS = 100;
    private static final int FEWEST_LOSSES = 3;
    private static final int FEWEST_ANSWERS = 20;

    /** Eight contenders take one lock from each other as fast as they can. */
    @Verifies(Rule.HA_01)
    public void noTwoContendersHoldTheLockDuringHandOffs(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        List<Contender> contenders = IntStream.range(0, CONTENDERS)
                .mapToObj(i -> Contender.of(trial, history, "c" + i))
                .toList();
        Churn churn = new Churn(trial, history, contenders, List.of(key("lock")), Duration.ofMillis(1));
        Duration longest = Duration.ofSeconds(8);
        churn.start();
        churn.runUntil(ENOUGH_HAND_OFFS, Duration.ofSeconds(1), longest);
        churn.stop();
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
        assertThat(history.size())
                .as(
                        "hand-offs among %d contenders in %d ms, although each is due at once",
                        CONTENDERS, longest.toMillis())
                .isGreaterThanOrEqualTo(
                        (int) (longest.toMillis() / trial.atOnce().toMillis()));
        if (history.size() < FEWEST_HAND_OFFS) {
            throw new UnverifiedException("only " + history.size() + " hand-offs in " + longest.toMillis()
                    + " ms, which prove nothing; at least " + FEWEST_HAND_OFFS + " are needed");
        }
    }

    /** Eight contenders compete for three locks each while their links fail at random, also for longer than a lease. */
    @Verifies(value = Rule.HA_01, boundSeconds = 120)
    public void noTwoContendersHoldTheLockWhateverTheirLinksDo(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        List<Contender> contenders = IntStream.range(0, CONTENDERS)
                .mapToObj(i -> Contender.linked(trial, history, "c" + i))
                .toList();
        Churn churn = new Churn(
                trial, history, contenders, List.of(key("lock"), key("lock/1"), key("lock/2")), Duration.ofMillis(4));
        churn.start();
        long start = System.nanoTime();
        long least = start + trial.lockTtl().multipliedBy(2).plusSeconds(2).toNanos();
        long most = start + trial.lockTtl().multipliedBy(15).plusSeconds(15).toNanos();
        BooleanSupplier done = () -> {
            boolean enough = history.size() >= FEWEST_HAND_OFFS && losses(history) >= FEWEST_LOSSES;
            return System.nanoTime() - (enough ? least : most) > 0;
        };
        Random forCuts = new Random(trial.random().nextLong());
        Pending<@Nullable Void> cuts = Pending.call(trial, "cuts", () -> {
            while (!done.getAsBoolean()) {
                cutOff(trial, churn, contenders.get(forCuts.nextInt(CONTENDERS / 2)), forCuts);
            }
            return null;
        });
        Random forBlinks = trial.random();
        while (!done.getAsBoolean()) {
            Contender victim = contenders.get(CONTENDERS / 2 + forBlinks.nextInt(CONTENDERS / 2));
            victim.link().apply(any(forBlinks));
            Thread.sleep(forBlinks.nextInt(100));
            victim.link().heal();
            Thread.sleep(forBlinks.nextInt(300));
            Violation.throwIfAny(LockChecker.overlap(history.holds())); // there is no need to wait for more
        }
        cuts.get(trial.lockTtl().plusSeconds(10));
        churn.stop();
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
        if (losses(history) < FEWEST_LOSSES || history.size() < FEWEST_HAND_OFFS) {
            throw new UnverifiedException("only " + losses(history) + " leases were lost to cut links, in "
                    + history.size() + " hand-offs; " + FEWEST_LOSSES + " in " + FEWEST_HAND_OFFS
                    + " are the least that shows anything");
        }
    }

    /** A lease is kept for longer than the store keeps one that is not renewed, and nobody disturbs it. */
    @Verifies(value = Rule.HA_01, parallel = true)
    public void aLeaseThatIsKeptKeepsOthersOut(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("kept");
        Held held = Contender.of(trial, history, "holder").win(lock);
        Contender rival = Contender.of(trial, history, "rival");
        Optional<Held> won = rival.tryWin(
                lock, trial.lockTtl().multipliedBy(2).plus(trial.harness().expiryStep()));
        boolean unused = held.isHeld();
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
        won.ifPresent(Held::release);
        held.release();
    }

    private static long losses(LockHistory history) {
        return history.holds().stream()
                .filter(hold -> hold.lost() != Hold.NEVER)
                .count();
    }

    private static Fault any(Random random) {
        List<Fault> faults = List.of(Fault.values());
        return faults.get(random.nextInt(faults.size()));
    }

    /** For longer than a lease lasts, with the victim keeping whatever it holds. */
    private static void cutOff(Trial trial, Churn churn, Contender victim, Random random) throws InterruptedException {
        churn.keep(victim);
        long patience = System.nanoTime() + trial.atOnce().toNanos();
        while (!churn.holds(victim) && System.nanoTime() - patience < 0) {
            Thread.sleep(1);
        }
        Thread.sleep(random.nextInt(60));
        victim.link().apply(any(random));
        Thread.sleep(trial.lockTtl().toMillis() + random.nextInt(300));
        victim.link().heal();
        churn.letGo(victim);
        Thread.sleep(random.nextInt(300));
    }

    /** The winner keeps the lock until all others have come back empty. */
    @Verifies(Rule.HA_02)
    public void aSimultaneousStartHasExactlyOneWinner(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        List<Contender> clients = IntStream.range(0, CONTENDERS)
                .mapToObj(i -> Contender.of(trial, history, "c" + i))
                .toList();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
        for (int round = 0; round < 20 || (round < 50 && System.nanoTime() - end < 0); round++) {
            Key lock = key("start/" + round);
            boolean equal = round % 2 == 0;
            Queue<Held> winners = new ConcurrentLinkedQueue<>();
            trial.race(RACERS, trial.requestTimeout().plusSeconds(1), number -> {
                Contender client = clients.get(number % clients.size());
                HALock handle = client.client().lock(lock, equal ? "same" : "racer-" + number);
                client.tryWin(handle, lock, Duration.ZERO).ifPresent(winners::add);
            });
            assertThat(winners)
                    .as(
                            "round %d: winners among %d racers on %d clients who each ask once for a free lock, with %s values",
                            round, RACERS, clients.size(), equal ? "equal" : "different")
                    .hasSize(1);
            Held winner = winners.element();
            assertThat(winner.isHeld())
                    .as("round %d: the only winner holds the lock: %s", round, winner)
                    .isTrue();
            winner.release();
        }
    }

    /** All wait; each release lets exactly one other in, until all have had the lock. */
    @Verifies(Rule.HA_02)
    public void eachReleaseLetsExactlyOneWaiterIn(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        List<Contender> clients = IntStream.range(0, CONTENDERS)
                .mapToObj(i -> Contender.of(trial, history, "c" + i))
                .toList();
        Duration all = trial.requestTimeout().plusSeconds(1).plus(trial.atOnce().multipliedBy(RACERS));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        for (int round = 0; round < 3 || (round < 20 && System.nanoTime() - end < 0); round++) {
            Key lock = key("drain/" + round);
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger won = new AtomicInteger();
            int counted = round;
            trial.race(RACERS, all, number -> {
                Contender client = clients.get(number % clients.size());
                HALock handle = client.client().lock(lock, counted % 2 == 0 ? "same" : "racer-" + number);
                Held held = client.win(handle, lock, all);
                assertThat(inside.incrementAndGet())
                        .as("round %d: contenders that hold the lock while racer %d does", counted, number)
                        .isEqualTo(1);
                won.incrementAndGet();
                inside.decrementAndGet();
                held.release();
            });
            assertThat(won.get())
                    .as("round %d: racers that had the lock in turn", round)
                    .isEqualTo(RACERS);
        }
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
    }

    /** Three clients ask all the time while the lock changes hands. */
    @Verifies(Rule.HA_08)
    public void holderNamesWhoeverHoldsTheLockDuringChurn(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        List<Contender> contenders = List.of(
                Contender.of(trial, history, "a"),
                Contender.of(trial, history, "b"),
                Contender.of(trial, history, "c"));
        List<Contender> askers =
                List.of(Contender.of(trial, history, "x"), Contender.of(trial, history, "y"), contenders.get(0));
        Queue<Answer> answers = new ConcurrentLinkedQueue<>();
        AtomicBoolean done = new AtomicBoolean();
        // Long enough for a question to fit into: then exactly one answer is right.
        Churn churn = new Churn(trial, history, contenders, List.of(lock), Duration.ofMillis(20));
        List<Pending<@Nullable Void>> asking = new ArrayList<>();
        for (Contender asker : askers) {
            asking.add(Pending.call(trial, asker + " asking", () -> {
                while (!done.get()) {
                    long began = history.now();
                    Optional<Holder> named = asker.holder(lock);
                    answers.add(new Answer(asker.name(), lock, began, history.now(), named));
                    TimeUnit.MICROSECONDS.sleep(200);
                }
                return null;
            }));
        }
        churn.start();
        long decided = 0;
        for (int second = 0; second < 10 && decided < FEWEST_ANSWERS; second++) {
            churn.runUntil(Integer.MAX_VALUE, Duration.ZERO, Duration.ofSeconds(1));
            decided = HolderChecker.decided(history.holds(), List.copyOf(answers));
        }
        churn.stop();
        done.set(true);
        for (Pending<@Nullable Void> each : asking) {
            each.get(trial.requestTimeout().plusSeconds(1));
        }
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
        churn.requireNoOutage();
        Violation.throwIfAny(HolderChecker.wrongAnswer(history.holds(), List.copyOf(answers)));
        if (decided < FEWEST_ANSWERS) {
            throw new UnverifiedException("to " + decided + " answers of " + answers.size() + " only, in "
                    + history.size() + " hand-offs, one holder and no other could be named; at least " + FEWEST_ANSWERS
                    + " are needed");
        }
        for (Contender asker : askers) {
            assertThat(asker.holder(lock))
                    .as("holder() asked by %s when all have released", asker)
                    .isEmpty();
        }
    }

    /** Neither who came last nor who waits first. */
    @Verifies(Rule.HA_08)
    public void holderNeverNamesAWaiter(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender holder = Contender.of(trial, history, "holder");
        Contender outsider = Contender.of(trial, history, "outsider");
        assertThat(outsider.holder(lock))
                .as("holder() of a lock that nobody ever held")
                .isEmpty();
        Held held = holder.win(lock);
        List<Contender> all = new ArrayList<>(List.of(holder, outsider));
        List<Pending<Held>> waiting = new ArrayList<>();
        for (String name : List.of("first waiter", "second waiter", "third waiter")) {
            Contender waiter = Contender.of(trial, history, name);
            all.add(waiter);
            waiting.add(Pending.call(trial, name, () -> {
                Held won = waiter.win(lock, Duration.ofSeconds(20));
                assertThat(outsider.holder(lock))
                        .as("holder() asked while %s holds the lock", name)
                        .contains(new Holder(name, won.token()));
                won.release();
                return won;
            }));
            waiting.get(waiting.size() - 1).awaitBlocked();
            for (Contender asker : all) {
                assertThat(asker.holder(lock))
                        .as("holder() asked by %s while 'holder' holds the lock and %d wait", asker, waiting.size())
                        .contains(new Holder("holder", held.token()));
            }
        }
        held.release();
        for (Pending<Held> each : waiting) {
            Held unused = each.get(trial.atOnce().multipliedBy(3).plus(trial.requestTimeout()));
        }
        assertThat(outsider.holder(lock)).as("holder() when all have released").isEmpty();
    }
}
