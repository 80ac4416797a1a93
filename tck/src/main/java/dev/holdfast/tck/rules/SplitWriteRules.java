package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.Protection;
import dev.holdfast.ha.Term;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A deposed active's last write, which is on its way when its successor begins. */
public final class SplitWriteRules {
    private static final Duration WATCHED = Duration.ofMillis(300);

    /** The fence stops it, however late it is; for storage that can fence. */
    @Verifies(value = Rule.SP_04, parallel = true, boundSeconds = 90)
    public void aFencedPairRejectsTheLateWrite(Trial trial) throws Exception {
        rejectsTheLateWrite(SplitPair.usual(trial, ""));
    }

    static void rejectsTheLateWrite(SplitPair pair) throws Exception {
        if (!pair.fences()) {
            throw new NotApplicableException("storage cannot fence, so the pair is a bounded one");
        }
        SplitAccess data = pair.storage().toData("scout");
        boolean onTheWay = false;
        for (String hold : data.holds(late(pair)).keySet()) {
            onTheWay |= isRejected(pair, hold);
        }
        if (!onTheWay) {
            throw new UnverifiedException("every write that was held back was done before the takeover");
        }
    }

    /** Less than the deadline of the write. */
    private static Duration late(SplitPair pair) {
        return pair.storage().requestTimeout().multipliedBy(4).dividedBy(5);
    }

    /** Whether the write was on its way still when the successor served. */
    private static boolean isRejected(SplitPair pair, String hold) throws Exception {
        try (SplitNode a = pair.node("a")) {
            Term term = a.active(pair.handOver());
            assertThat(a.stores().protection()).as("protection of %s", pair).isEqualTo(Protection.FENCED);
            assertThat(a.stores().capabilities()).contains(Capability.FENCING, Capability.LOCKS);
            put(term.storage(), "owner", "current");
            try (SplitNode b = pair.node("b")) {
                a.restOnceDown();
                Pending<@Nullable Void> write = hold(pair, a, term, hold);
                a.locks().lose(a.locks().fastest());
                Term next = b.active(pair.failOver());
                String read = get(next.storage(), "owner").orElse("nothing");
                assertThat(read).as("what the successor reads").isIn("current", "late");
                // On a slow machine a write that is only late arrives before the fence is raised, as it may.
                boolean arrived = read.equals("late");
                boolean onTheWay = !arrived && (!write.isDone() || a.data().arrivesOnceHealed());
                put(next.storage(), "owner", "successor");
                a.data().heal();
                if (!arrived) {
                    isStopped(pair, write, "a write " + hold, BackendException.Fenced.class);
                }
                stays(pair, "successor", hold);
                return onTheWay;
            }
        }
    }

    private static Pending<@Nullable Void> hold(SplitPair pair, SplitNode a, Term term, String hold)
            throws InterruptedException {
        Runnable holding = a.data().holds(late(pair)).get(hold);
        if (holding == null) {
            throw new IllegalStateException("no way to hold a write back: " + hold);
        }
        holding.run();
        Pending<@Nullable Void> write = Pending.call(pair.trial(), "late write", () -> {
            put(term.storage(), "owner", "late");
            return null;
        });
        write.awaitBlocked();
        return write;
    }

    private static void isStopped(SplitPair pair, Pending<@Nullable Void> write, String what, Class<?> best)
            throws InterruptedException {
        Throwable thrown = write.failure(pair.storage().requestTimeout().plusSeconds(1));
        assertThat(thrown)
                .as("what %s throws after the takeover, %s", what, pair)
                .isInstanceOfAny(best, BackendException.OutcomeUnknown.class, BackendException.Unavailable.class);
    }

    private static void stays(SplitPair pair, String value, String after) throws InterruptedException {
        var witness = pair.storage().witness();
        long end = System.nanoTime() + WATCHED.toNanos();
        while (System.nanoTime() - end < 0) {
            assertThat(get(witness, "owner"))
                    .as("what the successor wrote, with the write of the deposed active %s, %s", after, pair)
                    .contains(value);
            Thread.sleep(5);
        }
    }

    /** Time stops it; for any storage, seen as one that cannot fence. */
    @Verifies(value = Rule.SP_04, parallel = true, boundSeconds = 90)
    public void aBoundedPairOutwaitsTheLateWrite(Trial trial) throws Exception {
        outwaitsTheLateWrite(SplitPair.usual(trial, ""));
    }

    static void outwaitsTheLateWrite(SplitPair pair) throws Exception {
        SplitNode a = pair.node("a", true);
        Term term = a.active(pair.handOver());
        assertThat(a.stores().protection()).isEqualTo(Protection.BOUNDED);
        assertThat(a.stores().capabilities()).doesNotContain(Capability.FENCING);
        assertThat(a.had(HAEvent.Kind.LOCK_DELAY))
                .as("lock_delay before the first active ever")
                .isFalse();
        put(term.storage(), "owner", "current");
        SplitNode b = pair.node("b", true);
        String hold = a.data().holds(late(pair)).keySet().iterator().next();
        a.restOnceDown();
        Pending<@Nullable Void> write = hold(pair, a, term, hold);
        long deposed = System.nanoTime();
        a.locks().lose(a.locks().fastest());
        pair.trial().thread("release", () -> healAt(a, deposed + late(pair).toNanos()));
        Term next = b.active(pair.failOver().plus(pair.lockDelay()));
        assertThat(b.had(HAEvent.Kind.LOCK_DELAY))
                .as("lock_delay was reported: %s", b)
                .isTrue();
        assertThat(Duration.ofNanos(b.activeSince(next) - deposed))
                .as("from the loss of the lock to the beginning of the successor, by lock_delay")
                .isGreaterThanOrEqualTo(pair.lockDelay());
        put(next.storage(), "owner", "successor");
        Throwable unused = write.failure(pair.storage().requestTimeout().plusSeconds(1));
        stays(pair, "successor", hold);
        a.close();
        endsCleanly(pair, b);
    }

    /** A gate lets go what it holds only when it is told to. */
    private static void healAt(SplitNode node, long when) {
        try {
            java.util.concurrent.TimeUnit.NANOSECONDS.sleep(Math.max(0, when - System.nanoTime()));
            node.data().heal();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void endsCleanly(SplitPair pair, SplitNode b) throws InterruptedException {
        SplitNode c = pair.node("c", true);
        b.stepDown();
        Term unused = c.active(pair.handOver());
        assertThat(c.had(HAEvent.Kind.LOCK_DELAY))
                .as("lock_delay after an active that ended cleanly: %s", c)
                .isFalse();
    }

    /** Without renewals the lease runs out under the writers. */
    @Verifies(value = Rule.SP_04, parallel = true, boundSeconds = 60)
    public void aBoundedPairSendsNothingThatMayOutliveItsLease(Trial trial) throws Exception {
        sendsNothingThatMayOutliveItsLease(SplitPair.usual(trial, ""));
    }

    static void sendsNothingThatMayOutliveItsLease(SplitPair pair) throws Exception {
        SplitNode a = pair.node("a", true);
        Term term = a.active(pair.handOver());
        if (!a.locks().losses().containsKey(SplitStore.CUT)) {
            throw new NotApplicableException("the way to ha_storage cannot be cut");
        }
        SplitLoad load = new SplitLoad(pair.trial(), term, 2);
        pair.trial().await("the active writes", pair.handOver(), () -> load.written() > 20);
        a.locks().lose(SplitStore.CUT);
        load.needsLease(pair.storage().requestTimeout());
        pair.trial()
                .await(
                        "the lease has run out",
                        pair.failOver(),
                        () -> !term.lease().isHeld());
        assertThat(load.stop(pair.handOver()))
                .as(
                        "writes with less lease left than the deadline of %s",
                        pair.storage().requestTimeout())
                .isEmpty();
        assertThat(catchThrowable(() -> put(term.storage(), "owner", "late")))
                .isInstanceOf(BackendException.Fenced.class);
    }
}
