package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.Pulse;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.Violation;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockChecker.LateLoss;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** That a loss is noticed, and in time. */
public final class LossRules {
    private static final List<Fault> CUTS =
            List.of(Fault.BLACK_HOLE, Fault.LOSE_REQUESTS, Fault.LOSE_REPLIES, Fault.RESET);

    /** As {@link #CUTS}, and the network gone as a whole. */
    private static final List<Fault> ALL_CUTS =
            Stream.concat(CUTS.stream(), Stream.of(Fault.UNREACHABLE)).toList();

    private static final int VICTIMS_OF_EACH_CUT = 3;

    private static final Duration GRACE = Duration.ofSeconds(1);

    /** Of each victim: the more are to be told, the longer it takes until the last one is. */
    private static final int LEASES = 3;

    /** Whoever is cut off knows by itself when its time is over. */
    @Verifies(Rule.LO_01)
    public void aHolderThatIsCutOffLosesItsLeaseInTime(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Pulse pulse = trial.machine();
        Duration ttl = trial.lockTtl();
        trial.race(ALL_CUTS.size(), ttl.multipliedBy(2).plusSeconds(10), number -> {
            Fault fault = ALL_CUTS.get(number);
            Contender holder = Contender.linked(trial, history, "holder cut off by " + fault);
            Held held = holder.win(key("lock/" + fault));
            Thread.sleep(new Random(trial.seed() + number)
                    .nextInt((int) ttl.dividedBy(2).toMillis()));
            assertThat(held.isHeld()).as("the lease before %s: %s", fault, held).isTrue();
            AtomicReference<@Nullable Loss> loss = new AtomicReference<>();
            var unused = held.lease().lost().thenAccept(loss::set);
            holder.link().apply(fault);
            long cut = history.now(); // the last renewal that can have been acknowledged was sent before
            Thread.sleep(ttl.toMillis() / 50); // an answer that had arrived has been read
            // Its own deadline counts from the last renewal that was acknowledged, and may be a tenth too early
            // (LO-02).
            long latest = cut + ttl.toNanos();
            Duration own = held.lease().remaining();
            long due = Math.min(latest, history.now() + own.toNanos() + ttl.toNanos() / 10);
            while (loss.get() == null) { // and nobody asks isHeld(), which would remind a timer that sleeps
                long now = history.now();
                if (now > due
                        && !held.isLost()
                        && !pulse.explains(
                                now - due, history.nanoTime(due - ttl.toNanos() / 4), history.nanoTime(now))) {
                    // Where only requests are lost, a renewal sent before the cut may have been answered since.
                    Duration left = held.lease().remaining();
                    long moved = Math.min(latest, history.now() + left.toNanos() + ttl.toNanos() / 10);
                    if (!left.isZero() && moved > due) {
                        due = moved;
                        continue;
                    }
                    throw new AssertionError("lost() is incomplete %d ms after %s, with lock_ttl %d ms: %s"
                            .formatted((now - cut) / 1_000_000, fault, ttl.toMillis(), held));
                }
                TimeUnit.MICROSECONDS.sleep(500);
            }
            long late = history.now() - due;
            assertThat(held.isHeld())
                    .as("isHeld() when lost() is complete after %s: %s", fault, held)
                    .isFalse();
            assertThat(loss.get().reason())
                    .as("the reason of the loss after %s: %s", fault, loss)
                    .isEqualTo(Loss.Reason.EXPIRED);
            assertThat(held.lease().remaining())
                    .as("remaining() after the loss")
                    .isZero();
            if (late > 0) {
                throw new UnverifiedException("this machine is too busy: lost() completed " + late / 1_000_000
                        + " ms too late, but at that time everything that was due came late");
            }
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
            cutOff(trial, history, victims, rivals, wave, decided);
            Violation.throwIfAny(LockChecker.overlap(history.holds()));
            for (LateLoss late : LockChecker.lateLosses(history.holds())) {
                if (late.stillHeld() || !isOwedToTheMachine(trial, history, late)) {
                    throw new Violation(late.toString());
                }
            }
        }
        LockChecker.lateLoss(history.holds()).ifPresent(late -> {
            throw new UnverifiedException(
                    "this machine is too busy: a loss was signalled after a rival had won, but at that"
                            + " time everything that was due came late\n" + late);
        });
        List<Fault> undecided =
                CUTS.stream().filter(fault -> !decided.containsKey(fault)).toList();
        if (!undecided.isEmpty()) {
            throw new UnverifiedException("no rival won while the holder was cut off by " + undecided
                    + ", so there was no order to observe; seen: " + decided);
        }
    }

    /** Whether a loss was late because everything was. */
    static boolean isOwedToTheMachine(Trial trial, LockHistory history, LateLoss late) {
        long from = late.rival().from() - trial.lockTtl().dividedBy(4).toNanos();
        return late.late() != Hold.NEVER
                && trial.machine()
                        .explains(
                                late.late(),
                                history.nanoTime(from),
                                history.nanoTime(late.holder().lost()));
    }

    private static void cutOff(
            Trial trial,
            LockHistory history,
            List<Contender> victims,
            List<Contender> rivals,
            int wave,
            Map<Fault, Integer> decided)
            throws Exception {
        List<Held> holders = new ArrayList<>();
        List<Pending<Held>> waiting = new ArrayList<>();
        for (int i = 0; i < victims.size() * LEASES; i++) {
            Key lock = key("wave-" + wave + "/" + i);
            holders.add(victims.get(i / LEASES)
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
            Thread.sleep(1); // and nobody asks isHeld(), which would remind a timer that sleeps
        }
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i).isDone()) {
                decided.merge(CUTS.get(i / LEASES % CUTS.size()), 1, Integer::sum);
            }
        }
        for (Held holder : holders) {
            boolean unused = holder.isHeld(); // it is far too late to remind anybody
        }
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i).isDone()) {
                Held holder = holders.get(i); // is late already, if at all; how late is what is judged
                trial.await(
                        "lost() completes for the predecessor of a rival: " + holder,
                        GRACE,
                        () -> holder.snapshot().lost() != Hold.NEVER);
            }
        }
        victims.forEach(victim -> victim.link().heal());
        for (Pending<Held> each : waiting) {
            each.get(trial.requestTimeout().plus(trial.expiryBound()).plusSeconds(5))
                    .release();
        }
    }

    /**
     * Through a slow link an answer is old when it comes: a deadline that counts from its receipt lies beyond the moment
     * at which the store may expire the lock.
     */
    @Verifies(Rule.LO_02)
    public void theDeadlineCountsFromTheSendingOfTheRenewal(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender holder = Contender.linked(trial, history, "holder");
        Lease lease = holder.win(key("lock")).lease();
        Duration ttl = trial.lockTtl();
        Duration away = slowDown(holder, ttl);
        long slow = System.nanoTime();
        Duration before = lease.remaining();
        int renewals = 0;
        while (lease.isHeld()
                && renewals < 3
                && System.nanoTime() - slow < ttl.multipliedBy(3).toNanos()) {
            Duration remaining = lease.remaining();
            // What was on its way already when the link became slow may still have been fast.
            boolean slowly = System.nanoTime() - slow > away.toNanos();
            if (remaining.compareTo(before) > 0 && slowly) {
                renewals++;
                assertThat(remaining)
                        .as(
                                "remaining() just after a renewal was acknowledged that was away for %d ms at least, with"
                                        + " lock_ttl %d ms",
                                away.toMillis(), ttl.toMillis())
                        .isLessThanOrEqualTo(ttl.minus(away));
            }
            before = remaining;
            TimeUnit.MICROSECONDS.sleep(500);
        }
        if (renewals == 0) {
            throw new UnverifiedException("no renewal was acknowledged while each was away for " + away.toMillis()
                    + " ms or longer, so its deadline could not be observed");
        }
    }

    /**
     * Makes a request and its answer take a fifth of the TTL: short enough to be renewed, longer than the margin. How
     * much of a delay makes that is measured, because a call may be sent in several pieces and its answer come at once.
     *
     * @return what a renewal takes at least
     */
    private static Duration slowDown(Contender holder, Duration ttl) {
        Duration some = ttl.dividedBy(40);
        holder.link().delay(some);
        boolean unused = holder.client().get(key("any")).isPresent();
        long start = System.nanoTime();
        unused = holder.client().get(key("any")).isPresent();
        double pieces = (System.nanoTime() - start) / (double) some.toNanos();
        Duration each = Duration.ofNanos((long) (ttl.toNanos() / (5 * pieces)));
        holder.link().delay(each);
        return pieces < 2 ? each : each.multipliedBy(2);
    }

    /** The store gives the lock away, or loses it. */
    @Verifies(value = Rule.LO_03, parallel = true)
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
            assertThat(Objects.requireNonNull(loss.get()).reason())
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
            Violation.throwIfAny(LockChecker.tokenOrder(history.holds()));
        }
    }
}
