package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** How a loss is told. */
public final class LossSignalRules {
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final long NEVER = Long.MAX_VALUE;

    /** Two callbacks of one instance do not return and a third throws; everybody else goes on. */
    @Verifies(value = Rule.LO_06, boundSeconds = 90, parallel = true)
    public void callbacksThatBlockOrThrowHarmNobody(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender subject = Contender.linked(trial, history, "subject");
        Contender rival = Contender.of(trial, history, "rival");
        CountDownLatch unblock = new CountDownLatch(1);
        List<AtomicLong> told = new ArrayList<>();
        for (String name : List.of("blocks", "blocks too", "throws", "returns")) {
            Held held = subject.win(key(name));
            AtomicLong when = new AtomicLong(NEVER);
            told.add(when);
            var unused = held.lease().lost().thenAccept(loss -> {
                when.set(history.now());
                if (name.startsWith("blocks")) {
                    awaitQuietly(unblock, trial.lockTtl().multipliedBy(4).plusSeconds(20));
                } else if (name.equals("throws")) {
                    throw new IllegalStateException("a callback that throws");
                }
            });
        }
        try {
            subject.link().apply(Fault.BLACK_HOLE);
            trial.await(
                    "the callbacks of four lost leases of one instance have begun, of which two block and one throws",
                    trial.lockTtl().plus(GRACE),
                    () -> told.stream().allMatch(when -> when.get() != NEVER));
            subject.link().heal();
            Duration recovery = trial.requestTimeout().plusSeconds(5);
            Held next = subject.winAfterHealing(key("next"), recovery);
            AtomicLong nextTold = new AtomicLong(NEVER);
            var unused = next.lease().lost().thenAccept(loss -> nextTold.set(history.now()));
            staysHeld(trial, subject, rival, next);
            Pending<@Nullable Void> closing = Pending.call(trial, "close", () -> {
                subject.client().close();
                return null;
            });
            trial.await(
                    "the loss of a lease by close() is signalled while two other callbacks still block",
                    trial.requestTimeout().plus(GRACE),
                    () -> nextTold.get() != NEVER);
            closing.get(trial.requestTimeout().plus(GRACE));
        } finally {
            unblock.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch, Duration bound) {
        try {
            boolean unused = latch.await(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void staysHeld(Trial trial, Contender subject, Contender rival, Held held)
            throws InterruptedException {
        Key lock = held.lease().key();
        long start = System.nanoTime();
        long end = start + trial.lockTtl().multipliedBy(2).toNanos();
        while (System.nanoTime() - end < 0) {
            String when = (System.nanoTime() - start) / 1_000_000 + " ms after it was won, with two callbacks blocked";
            assertThat(held.isHeld())
                    .as("another lease of the instance %s: %s", when, held)
                    .isTrue();
            assertThat(rival.tryWin(lock, Duration.ZERO))
                    .as("a rival's attempt " + when)
                    .isEmpty();
            long asked = System.nanoTime();
            assertThat(subject.holder(lock))
                    .as("holder() asked through the instance " + when)
                    .isPresent();
            assertThat(Duration.ofNanos(System.nanoTime() - asked))
                    .as("time of holder() " + when)
                    .isLessThan(trial.requestTimeout());
            Thread.sleep(20);
        }
    }

    /** What somebody was told about one lease. */
    private static final class Signal {
        final String what;
        final Lease lease;
        final Queue<Loss> losses = new ConcurrentLinkedQueue<>();
        final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

        Signal(String what, Lease lease) {
            this.what = what;
            this.lease = lease;
            var unused = lease.lost().whenComplete((loss, failure) -> {
                if (failure == null) {
                    losses.add(loss);
                } else {
                    failures.add(failure);
                }
            });
        }

        void isSilent() {
            assertThat(losses).as("losses told of a lease that was %s", what).isEmpty();
            assertThat(failures)
                    .as("failures of lost() of a lease that was %s", what)
                    .isEmpty();
        }

        void isOver(Loss.Reason reason) {
            assertThat(failures)
                    .as("failures of lost() of a lease that was %s", what)
                    .isEmpty();
            assertThat(losses).as("losses told of a lease that was %s", what).hasSize(1);
            Loss loss = losses.element();
            assertThat(loss.reason())
                    .as("the reason when a lease was %s: %s", what, loss)
                    .isEqualTo(reason);
            assertThat(loss.detail()).as("the detail when a lease was %s", what).isNotBlank();
            assertThat(lease.isHeld())
                    .as("isHeld() of a lease that was %s", what)
                    .isFalse();
            assertThat(lease.remaining())
                    .as("remaining() of a lease that was %s", what)
                    .isZero();
        }
    }

    /** Every kind of end, watched for two TTLs after everything is well again. */
    @Verifies(value = Rule.LO_08, boundSeconds = 90, parallel = true)
    public void aLossIsToldOnceAndForGood(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender cut = Contender.linked(trial, history, "cut off");
        Contender deaf = Contender.linked(trial, history, "deaf");
        Contender released = Contender.of(trial, history, "released");
        Contender closed = Contender.of(trial, history, "closed");

        Signal expired = new Signal("cut off", cut.win(key("expired")).lease());
        Signal unheard = new Signal(
                "renewed without hearing of it", deaf.win(key("unheard")).lease());
        Signal kept = new Signal("kept", released.win(key("kept")).lease());
        Signal clean = new Signal("released", released.win(key("clean")).lease());
        Signal releasedAndClosed =
                new Signal("released and then closed", closed.win(key("both")).lease());
        Signal ended = new Signal(
                "held when its client was closed", closed.win(key("closed")).lease());
        completesFromOutside(kept.lease);
        cut.link().apply(Fault.BLACK_HOLE);
        deaf.link().apply(Fault.LOSE_REPLIES);
        clean.lease.release();
        releasedAndClosed.lease.release();
        closed.client().close();
        trial.await("lost() completes when the client is closed", GRACE, () -> !ended.losses.isEmpty());
        trial.await(
                "lost() completes when the holder is cut off",
                trial.lockTtl().plus(GRACE),
                () -> !expired.losses.isEmpty() && !unheard.losses.isEmpty());
        cut.link().heal();
        deaf.link().heal();
        Held again = cut.winAfterHealing(
                key("expired"), trial.expiryBound().plus(trial.requestTimeout()).plusSeconds(5));
        expired.lease.release();

        long end = System.nanoTime() + trial.lockTtl().multipliedBy(2).toNanos();
        while (System.nanoTime() - end < 0) {
            expired.isOver(Loss.Reason.EXPIRED);
            unheard.isOver(Loss.Reason.EXPIRED);
            ended.isOver(Loss.Reason.CLOSED);
            clean.isSilent();
            releasedAndClosed.isSilent();
            kept.isSilent();
            assertThat(kept.lease.isHeld())
                    .as("a lease whose lost() somebody tried to complete")
                    .isTrue();
            Thread.sleep(5);
        }
        assertThat(again.isHeld())
                .as("the new lease of the one who was cut off, two TTLs later: %s", again)
                .isTrue();
        Signal late = new Signal("cut off", expired.lease);
        late.isOver(Loss.Reason.EXPIRED);
        assertThat(late.losses).as("what lost() tells who asks late").containsExactlyElementsOf(expired.losses);
    }

    /** Whatever the stage gives out, it cannot be used to end the lease. */
    private static void completesFromOutside(Lease lease) {
        try {
            boolean unused = lease.lost()
                    .toCompletableFuture()
                    .complete(new Loss(Loss.Reason.REVOKED, "completed by the caller"));
        } catch (UnsupportedOperationException e) {
            // as it may
        }
    }

    /** A removal is told once, too, and undone by nothing. */
    @Verifies(value = Rule.LO_08, parallel = true)
    public void aRemovalIsToldOnceAndForGood(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        List<Signal> signals = new ArrayList<>();
        for (Map.Entry<String, LockRemoval> way : trial.lockRemovals().entrySet()) {
            Contender holder = Contender.of(trial, history, "holder");
            Key lock = key("lock/" + signals.size());
            Signal signal = new Signal(
                    "removed (" + way.getKey() + ")", holder.win(lock).lease());
            signals.add(signal);
            way.getValue().remove(trial.options(), lock);
            trial.await("lost() completes after: " + way.getKey(), GRACE, () -> !signal.losses.isEmpty());
        }
        long end = System.nanoTime() + trial.lockTtl().dividedBy(2).toNanos();
        while (System.nanoTime() - end < 0) {
            signals.forEach(signal -> signal.isOver(Loss.Reason.REVOKED));
            Thread.sleep(5);
        }
    }
}
