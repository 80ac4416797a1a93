package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/** That a loss is noticed, and in time. */
public final class LossRules {
    private static final List<Fault> CUTS =
            List.of(Fault.BLACK_HOLE, Fault.LOSE_REQUESTS, Fault.LOSE_REPLIES, Fault.RESET);

    private static final int VICTIMS_OF_EACH_CUT = 3;

    /** Of each victim: the more are to be told, the longer it takes until the last one is. */
    private static final int LEASES = 3;

    /** Whoever is cut off knows by itself when its time is over. */
    @Verifies(Rule.LO_01)
    public void aHolderThatIsCutOffLosesItsLeaseInTime(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Duration ttl = trial.lockTtl();
        trial.race(CUTS.size(), ttl.multipliedBy(2).plusSeconds(10), number -> {
            Fault fault = CUTS.get(number);
            Contender holder = Contender.linked(trial, history, "holder cut off by " + fault);
            Held held = holder.win(key("lock/" + fault));
            Thread.sleep(new Random(trial.seed() + number)
                    .nextInt((int) ttl.dividedBy(2).toMillis()));
            assertThat(held.isHeld()).as("the lease before %s: %s", fault, held).isTrue();
            AtomicReference<@Nullable Loss> loss = new AtomicReference<>();
            var unused = held.lease().lost().thenAccept(loss::set);
            holder.link().apply(fault);
            long cut = history.now(); // the last renewal that can have been acknowledged was sent before
            while (held.isHeld() || loss.get() == null) {
                long passed = history.now() - cut;
                if (passed > ttl.toNanos()) {
                    assertThat(held.isHeld())
                            .as("isHeld() %d ms after %s: %s", passed / 1_000_000, fault, held)
                            .isFalse();
                    assertThat(held.isLost())
                            .as("lost() is complete %d ms after %s: %s", passed / 1_000_000, fault, held)
                            .isTrue();
                }
                TimeUnit.MICROSECONDS.sleep(500);
            }
            assertThat(loss.get().reason())
                    .as("the reason of the loss after %s: %s", fault, loss)
                    .isEqualTo(Loss.Reason.EXPIRED);
            assertThat(held.lease().remaining())
                    .as("remaining() after the loss")
                    .isZero();
        });
    }

    /** Twelve holders at a time are cut off, each at a random moment between two renewals, with rivals waiting. */
    @Verifies(value = Rule.LO_02, boundSeconds = 120)
    public void aLossIsKnownBeforeARivalWins(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        List<Contender> victims = IntStream.range(0, CUTS.size() * VICTIMS_OF_EACH_CUT)
                .mapToObj(i -> Contender.linked(trial, history, CUTS.get(i % CUTS.size()) + "-" + i))
                .toList();
        List<Contender> rivals = IntStream.range(0, 3)
                .mapToObj(i -> Contender.of(trial, history, "rival-" + i))
                .toList();
        Map<Fault, Integer> decided = new EnumMap<>(Fault.class);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2_500);
        for (int wave = 0; wave == 0 || System.nanoTime() - end < 0; wave++) {
            cutOff(trial, victims, rivals, wave, decided);
            LockChecker.lateLoss(history.holds()).ifPresent(Assertions::fail);
            LockChecker.overlap(history.holds()).ifPresent(Assertions::fail);
        }
        List<Fault> undecided =
                CUTS.stream().filter(fault -> !decided.containsKey(fault)).toList();
        if (!undecided.isEmpty()) {
            throw new UnverifiedException("no rival won while the holder was cut off by " + undecided
                    + ", so there was no order to observe; seen: " + decided);
        }
    }

    private static void cutOff(
            Trial trial, List<Contender> victims, List<Contender> rivals, int wave, Map<Fault, Integer> decided)
            throws Exception {
        List<Held> held = new ArrayList<>();
        List<Pending<Held>> waiting = new ArrayList<>();
        for (int i = 0; i < victims.size() * LEASES; i++) {
            Key lock = key("wave-" + wave + "/" + i);
            held.add(victims.get(i / LEASES)
                    .winAfterHealing(lock, trial.requestTimeout().plusSeconds(5)));
            waiting.add(rivals.get(i % rivals.size()).contend(lock));
        }
        waiting.get(waiting.size() - 1).awaitBlocked();
        int[] moments = trial.random()
                .ints(victims.size(), 0, (int) trial.lockTtl().dividedBy(3).toMillis())
                .toArray();
        long start = System.nanoTime();
        for (int i : IntStream.range(0, moments.length)
                .boxed()
                .sorted((a, b) -> moments[a] - moments[b])
                .toList()) {
            Thread.sleep(Math.max(0, moments[i] - (System.nanoTime() - start) / 1_000_000));
            victims.get(i).link().apply(CUTS.get(i % CUTS.size()));
        }
        long bound = System.nanoTime()
                + trial.lockTtl()
                        .multipliedBy(2)
                        .plus(trial.harness().expiryStep())
                        .plusSeconds(1)
                        .toNanos();
        while (System.nanoTime() < bound && !waiting.stream().allMatch(Pending::isDone)) {
            held.forEach(Held::isHeld); // what is seen in between shows for how long both held the lock
            Thread.sleep(1);
        }
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i).isDone()) {
                decided.merge(CUTS.get(i / LEASES % CUTS.size()), 1, Integer::sum);
            }
        }
        victims.forEach(victim -> victim.link().heal());
        for (Pending<Held> each : waiting) {
            each.get(trial.requestTimeout().plus(trial.expiryBound()).plusSeconds(5))
                    .release();
        }
    }

    /**
     * While every packet takes a fifth of the TTL each way, an answer says nothing about the last fifth: a deadline that
     * counts from its receipt lies that much too late.
     */
    @Verifies(Rule.LO_02)
    public void theDeadlineCountsFromTheSendingOfTheRenewal(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender holder = Contender.linked(trial, history, "holder");
        Held held = holder.win(key("lock"));
        Duration ttl = trial.lockTtl();
        Duration each = ttl.dividedBy(5);
        Lease lease = held.lease();
        holder.link().delay(each);
        long delayed = System.nanoTime();
        Duration before = lease.remaining();
        int renewals = 0;
        while (lease.isHeld()
                && renewals < 3
                && System.nanoTime() - delayed < ttl.multipliedBy(3).toNanos()) {
            Duration remaining = lease.remaining();
            Duration slow = Duration.ofNanos(System.nanoTime() - delayed);
            // What was on its way already when the link became slow may still have been fast.
            if (remaining.compareTo(before) > 0 && slow.compareTo(each) > 0) {
                renewals++;
                assertThat(remaining)
                        .as(
                                "remaining() just after a renewal was acknowledged, %d ms after packets began to take %d ms each"
                                        + " way: the renewal was sent at least that long before",
                                slow.toMillis(), each.toMillis())
                        .isLessThanOrEqualTo(ttl.minus(each));
            }
            before = remaining;
            TimeUnit.MICROSECONDS.sleep(500);
        }
        if (renewals == 0) {
            throw new UnverifiedException("no renewal was acknowledged while packets took " + each.toMillis()
                    + " ms each way, so its deadline could not be observed");
        }
    }

    /** The store gives the lock away, or loses it. */
    @Verifies(Rule.LO_03)
    public void removalBehindTheHoldersBackIsSignalled(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        for (Map.Entry<String, LockRemoval> way : trial.lockRemovals().entrySet()) {
            Key lock = key("lock");
            String what = "after a removal of the lock (" + way.getKey() + ")";
            Contender holder = Contender.of(trial, history, "holder");
            Contender other = Contender.of(trial, history, "other");
            Held held = holder.win(lock, trial.atOnce());
            AtomicReference<@Nullable Loss> loss = new AtomicReference<>();
            var unused = held.lease().lost().thenAccept(loss::set);
            way.getValue().remove(trial.options(), lock);
            trial.await(
                    "isHeld() is false " + what,
                    Duration.ofSeconds(1),
                    () -> !held.lease().isHeld());
            trial.await("lost() is complete " + what, Duration.ofSeconds(1), () -> loss.get() != null);
            assertThat(loss.get().reason())
                    .as("the reason of the loss %s: %s", what, loss)
                    .isEqualTo(Loss.Reason.REVOKED);
            long end = System.nanoTime() + trial.lockTtl().dividedBy(2).toNanos();
            while (System.nanoTime() - end < 0) {
                assertThat(other.holder(lock))
                        .as("holder() %s, which nobody may undo", what)
                        .isEmpty();
                Thread.sleep(10);
            }
            other.win(lock, trial.atOnce()).release();
            LockChecker.tokenOrder(history.holds()).ifPresent(Assertions::fail);
        }
    }
}
