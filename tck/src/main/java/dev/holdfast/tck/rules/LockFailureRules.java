package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.Violation;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Releasing and winning again when the link fails. */
public final class LockFailureRules {
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** For how long successors are watched after the last that was done to them. */
    private static final Duration PEACE = Duration.ofMillis(300);

    /** A handle outlives its lease. */
    @Verifies(value = Rule.HA_04, parallel = true)
    public void aHandleCanBeUsedAgainAfterALoss(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender contender = Contender.linked(trial, history, "contender");
        Contender rival = Contender.of(trial, history, "rival");
        HALock handle = contender.handle(lock);
        Held lost = contender.win(handle, lock, trial.requestTimeout());
        Pending<Held> waiting = rival.contend(lock);
        contender.link().apply(Fault.BLACK_HOLE);
        trial.await(
                "the lease of a contender that was cut off is lost",
                trial.lockTtl().plus(GRACE),
                lost::isLost);
        contender.link().heal();
        Held theirs = waiting.get(trial.expiryBound());
        Held again = winThrough(trial, handle, contender, lock, theirs);
        assertThat(again.token())
                .as("the token of the new lease of a handle, compared with the one it lost and its rival's")
                .isGreaterThan(lost.token())
                .isGreaterThan(theirs.token());
        assertThat(lost.lease().isHeld())
                .as("isHeld() of the lost lease while the handle has a new one")
                .isFalse();
        lost.release();
        assertThat(again.isHeld())
                .as("the new lease of the handle after the lost one was released: %s", again)
                .isTrue();
        assertThat(rival.tryWin(lock, Duration.ZERO))
                .as("the rival's attempt while the handle holds the lock again")
                .isEmpty();
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
    }

    private static Held winThrough(Trial trial, HALock handle, Contender contender, Key lock, Held rivals)
            throws InterruptedException {
        rivals.release();
        return contender.winAfterHealing(handle, lock, trial.requestTimeout().plusSeconds(5));
    }

    /**
     * Two holders are cut off; one of them finds its leases lost and releases them, the other releases while it is cut
     * off, and what it sent arrives when a successor holds the lock.
     */
    @Verifies(value = Rule.HA_05, parallel = true)
    public void aLateReleaseNeverFreesTheSuccessor(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender cut = Contender.linked(trial, history, "cut off");
        Contender slow = Contender.linked(trial, history, "slow");
        Contender successor = Contender.of(trial, history, "successor");
        Contender third = Contender.of(trial, history, "third");
        Held lost = cut.win(key("lost"));
        Held cutRelease = cut.win(key("released while cut off"));
        Held slowRelease = slow.win(key("released slowly"));
        List<Held> stale = List.of(lost, cutRelease, slowRelease);
        List<Pending<Held>> waiting = stale.stream()
                .map(held -> successor.contend(held.lease().key()))
                .toList();
        for (Pending<Held> each : waiting) {
            each.awaitBlocked();
        }
        Duration late = trial.lockTtl().plus(trial.harness().expiryStep()).plusMillis(200);
        slow.link().delay(late);
        cut.link().apply(Fault.BLACK_HOLE);
        Pending<@Nullable Void> cutCall = release(trial, cutRelease);
        Pending<@Nullable Void> slowCall = release(trial, slowRelease);
        List<Held> current = List.of(
                waiting.get(0).get(trial.expiryBound().plus(GRACE)),
                waiting.get(1).get(trial.expiryBound()),
                waiting.get(2).get(trial.expiryBound()));
        isUnconfirmed(
                "release() while black-holed",
                cutCall.failure(trial.requestTimeout().plus(GRACE)));
        Throwable slowEnd = slowCall.failure(trial.requestTimeout().plus(GRACE));
        if (slowEnd != null) {
            isUnconfirmed("release() through a slow link", slowEnd);
        }
        cut.link().heal();
        lost.release();
        lost.lease().close();
        cutRelease.release();
        areLeftInPeace(trial, third, current, late, "late releases of their predecessors");
        slow.link().heal();
        cut.client().close();
        slow.client().close();
        areLeftInPeace(trial, third, current, PEACE, "close() of their predecessors' clients");
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
    }

    /** The lock is taken from its holder and a successor wins it; the robbed one releases before it can know, or after. */
    @Verifies(value = Rule.HA_05, parallel = true)
    public void aReleaseAfterARemovalNeverFreesTheSuccessor(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender successor = Contender.of(trial, history, "successor");
        Contender third = Contender.of(trial, history, "third");
        List<Contender> robbed = new ArrayList<>();
        List<Held> current = new ArrayList<>();
        for (Map.Entry<String, LockRemoval> way : trial.lockRemovals().entrySet()) {
            for (boolean knows : new boolean[] {false, true}) {
                Key lock = key("robbed/" + robbed.size());
                Contender holder = Contender.of(trial, history, "robbed-" + robbed.size());
                robbed.add(holder);
                Held stale = holder.win(lock);
                way.getValue().remove(trial.options(), lock);
                Held next = successor.win(lock, trial.expiryBound());
                current.add(next);
                if (knows) {
                    trial.await("lost() completes after: " + way.getKey(), trial.atOnce(), stale::isLost);
                }
                releaseLate(stale);
                String after = "a release by its predecessor, " + (knows ? "who knew of the loss" : "who hardly knew")
                        + " (" + way.getKey() + ")";
                areLeftInPeace(trial, third, List.of(next), PEACE, after);
            }
        }
        for (Contender each : robbed) {
            each.client().close();
        }
        areLeftInPeace(
                trial, third, current, PEACE, "close() of their predecessors' clients, whose locks were removed");
    }

    /** Twice, and in both ways; what the store says to it does not matter here. */
    private static void releaseLate(Held stale) {
        for (Runnable end : List.<Runnable>of(stale::release, stale.lease()::close)) {
            try {
                end.run();
            } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                // then it is tried again, which must not harm anybody either
            }
        }
    }

    private static Pending<@Nullable Void> release(Trial trial, Held held) {
        return Pending.call(trial, "release of " + held.lease().key(), () -> {
            held.release();
            return null;
        });
    }

    private static void isUnconfirmed(String what, @Nullable Throwable thrown) {
        assertThat(Thrown.orNothing(thrown))
                .as("what %s throws, which the store cannot have confirmed", what)
                .isInstanceOfAny(BackendException.Unavailable.class, BackendException.OutcomeUnknown.class);
    }

    private static void areLeftInPeace(Trial trial, Contender third, List<Held> current, Duration watched, String after)
            throws InterruptedException {
        long end = System.nanoTime() + watched.toNanos();
        while (System.nanoTime() - end < 0) {
            for (Held held : current) {
                Key lock = held.lease().key();
                if (!held.isHeld()) {
                    long now = System.nanoTime();
                    throw trial.machine()
                            .unexpected(
                                    "the successor's lease of '" + lock + "' ended after " + after + ": " + held,
                                    trial.lockTtl().dividedBy(4),
                                    now - trial.lockTtl().multipliedBy(2).toNanos(),
                                    now);
                }
                assertThat(third.tryWin(lock, Duration.ZERO))
                        .as("a third contender's attempt at '%s' after %s", lock, after)
                        .isEmpty();
                assertThat(third.holder(lock))
                        .as("holder() of '%s' after %s", lock, after)
                        .contains(new Holder("successor", held.token()));
            }
            Thread.sleep(20);
        }
    }

    /** How the link fails during a release, and after which part of the TTL it heals; null for never. */
    private record Interruption(Fault fault, @Nullable Integer healsAfterTtlPercent) {}

    /**
     * Several holders release at once, each through a link that fails in its way. The short cuts are over before the
     * session expires: whoever then does not tell the store again keeps the lock from everybody for ever.
     */
    @Verifies(value = Rule.HA_06, parallel = true)
    public void aReleaseThatFailsStrandsNobody(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Map<String, Interruption> ways = Map.of(
                "reset for a moment", new Interruption(Fault.RESET, 10),
                "black-holed for a moment", new Interruption(Fault.BLACK_HOLE, 10),
                "requests lost for a moment", new Interruption(Fault.LOSE_REQUESTS, 10),
                "replies lost for a moment", new Interruption(Fault.LOSE_REPLIES, 10),
                "reset", new Interruption(Fault.RESET, null),
                "refused", new Interruption(Fault.REFUSE, null),
                "black-holed", new Interruption(Fault.BLACK_HOLE, null));
        List<String> names = List.copyOf(ways.keySet());
        trial.race(
                names.size(), trial.expiryBound().plus(trial.requestTimeout()).plusSeconds(15), number -> {
                    String name = names.get(number);
                    Interruption way = ways.get(name);
                    if (way != null) {
                        strandsNobody(trial, history, name, way);
                    }
                });
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
    }

    private static void strandsNobody(Trial trial, LockHistory history, String name, Interruption way)
            throws Exception {
        long began = System.nanoTime();
        Key lock = key("lock of one who is " + name);
        Contender holder = Contender.linked(trial, history, name);
        Contender rival = Contender.of(trial, history, "rival of one who is " + name);
        Held held = holder.win(lock);
        Pending<Held> waiting = rival.contend(lock);
        waiting.awaitBlocked();
        if (!held.isHeld()) {
            throw trial.machine()
                    .unexpected(
                            "the lease ended before its link was " + name + ": " + held,
                            trial.lockTtl().dividedBy(4),
                            began,
                            System.nanoTime());
        }
        holder.link().apply(way.fault());
        long released = System.nanoTime();
        Pending<@Nullable Void> release = release(trial, held);
        trial.await(
                "isHeld() is false once release() was called, although the link is " + name,
                trial.requestTimeout().dividedBy(2),
                () -> !held.lease().isHeld());
        long healed = Long.MAX_VALUE;
        Integer percent = way.healsAfterTtlPercent();
        if (percent != null) {
            Thread.sleep(trial.lockTtl().toMillis() * percent / 100);
            holder.link().heal();
            healed = System.nanoTime();
        }
        Throwable thrown = release.failure(trial.requestTimeout().plus(GRACE));
        if (percent == null || thrown != null) {
            isUnconfirmed("release() while " + name, thrown);
        }
        Duration bound = Duration.ofNanos(trial.expiryBound().toNanos() - (System.nanoTime() - released));
        if (healed != Long.MAX_VALUE) {
            Duration healing = trial.requestTimeout().plusSeconds(5);
            bound = bound.compareTo(healing) < 0 ? bound : healing;
        }
        Held next;
        try {
            next = waiting.get(bound);
        } catch (AssertionError e) {
            throw new AssertionError(
                    "no rival won within "
                            + (System.nanoTime() - released) / 1_000_000
                            + " ms of a release() whose link was " + name
                            + "; the release " + (thrown == null ? "returned" : "threw " + thrown)
                            + "; holder() says " + rival.holder(lock),
                    e);
        }
        assertThat(next.isHeld())
                .as("the rival's lease after a release() whose link was %s: %s", name, next)
                .isTrue();
        next.release();
        rival.win(lock, trial.atOnce()).release();
    }
}
