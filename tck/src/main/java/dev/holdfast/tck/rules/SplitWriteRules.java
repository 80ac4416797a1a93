package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.Protection;
import dev.holdfast.ha.Term;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
        Duration late = pair.storage().requestTimeout().multipliedBy(2);
        String delayed = "delayed by " + late.toMillis() + " ms until its successor had read and not yet written";
        if (!isRejected(pair, late, delayed, data -> data.delay(late))) {
            throw new UnverifiedException("the write that was delayed was done before the successor had read");
        }
        // Where the link keeps nothing that is held back there is nothing more to see.
        boolean unused =
                isRejected(pair, Duration.ZERO, "held back until its successor had written", SplitAccess::hold);
    }

    /**
     * Whether the write was on its way still when the successor had read, or written: then it may do nothing any more.
     *
     * @param late how long it is under way; zero for as long as it takes the successor to write
     */
    private static boolean isRejected(SplitPair pair, Duration late, String what, Consumer<SplitAccess> hold)
            throws Exception {
        try (SplitNode a = pair.node("a")) {
            Term term = a.active(pair.setUp());
            assertThat(a.stores().protection()).as("protection of %s", pair).isEqualTo(Protection.FENCED);
            assertThat(a.stores().capabilities()).contains(Capability.FENCING, Capability.LOCKS);
            a.write(term, "owner", "current");
            try (SplitNode b = pair.node("b")) {
                a.restOnceDown();
                long arrives = System.nanoTime() + late.toNanos();
                hold.accept(a.data());
                Pending<@Nullable Void> write = write(pair, term);
                a.locks().lose(a.locks().fastest());
                Term next = b.active(pair.failOver());
                boolean arrived = get(next.storage(), "owner").equals(Optional.of("late"));
                boolean afterTheFirstWrite = late.isZero();
                if (afterTheFirstWrite) {
                    b.write(next, "owner", "successor");
                }
                boolean kept = afterTheFirstWrite ? a.data().arrivesOnceHealed() : System.nanoTime() - arrives < 0;
                boolean onTheWay = kept && !arrived;
                a.data().heal();
                if (onTheWay) {
                    isStopped(pair, write, "a write " + what);
                }
                arrivesAtLast(pair, a, arrives);
                if (onTheWay && !afterTheFirstWrite) {
                    stays(pair, "current", "a write " + what);
                }
                b.write(next, "owner", "successor");
                stays(pair, "successor", "a write " + what);
                return onTheWay;
            }
        }
    }

    private static Pending<@Nullable Void> write(SplitPair pair, Term term) throws InterruptedException {
        Pending<@Nullable Void> write = Pending.call(pair.trial(), "late write", () -> {
            put(term.storage(), "owner", "late");
            return null;
        });
        write.awaitBlocked();
        return write;
    }

    private static void isStopped(SplitPair pair, Pending<@Nullable Void> write, String what)
            throws InterruptedException {
        Duration bound = pair.storage().requestTimeout().multipliedBy(2).plusSeconds(3);
        assertThat(write.failure(bound))
                .as("what %s throws after the takeover, %s", what, pair)
                .isInstanceOfAny(
                        BackendException.Fenced.class,
                        BackendException.OutcomeUnknown.class,
                        BackendException.Unavailable.class);
    }

    /** Whatever was held back for this client comes before what it is told now. */
    private static void arrivesAtLast(SplitPair pair, SplitNode deposed, long arrives) throws InterruptedException {
        pair.trial()
                .await(
                        "the deposed node's client reads again",
                        pair.setUp(),
                        () -> System.nanoTime() - arrives > 0
                                && catchThrowable(() -> get(deposed.data().client(), "owner")) == null);
    }

    private static void stays(SplitPair pair, String value, String after) throws InterruptedException {
        Backend witness = pair.storage().witness();
        long end = System.nanoTime() + WATCHED.toNanos();
        while (System.nanoTime() - end < 0) {
            assertThat(get(witness, "owner"))
                    .as("what the successor has read or written, after %s of the deposed active, %s", after, pair)
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
        Term term = a.active(pair.setUp());
        assertThat(a.stores().protection()).isEqualTo(Protection.BOUNDED);
        assertThat(a.stores().capabilities()).doesNotContain(Capability.FENCING);
        assertThat(a.had(HAEvent.Kind.LOCK_DELAY))
                .as("lock_delay before the first active ever")
                .isFalse();
        a.write(term, "owner", "current");
        SplitNode b = pair.node("b", true);
        a.restOnceDown();
        // On its way for half as long as it may take, so that it arrives within lock_delay on any machine.
        Duration late = pair.storage().requestTimeout().dividedBy(2);
        Duration needed = pair.storage().requestTimeout().plusMillis(100);
        pair.trial()
                .await(
                        "the lease lasts for a write",
                        pair.handOver(),
                        () -> term.lease().remaining().compareTo(needed) > 0);
        a.data().delay(late);
        long arrives = System.nanoTime() + late.toNanos();
        Pending<@Nullable Void> write = write(pair, term);
        pair.trial().thread("release", () -> healAt(a, arrives));
        long deposed = System.nanoTime();
        a.locks().lose(a.locks().fastest());
        Term next = b.active(pair.failOver().plus(pair.outwaiting()));
        assertThat(b.had(HAEvent.Kind.LOCK_DELAY))
                .as("lock_delay was reported: %s", b)
                .isTrue();
        assertThat(Duration.ofNanos(b.activeSince(next) - deposed))
                .as("from before the loss of the lock to the beginning of the successor, by lock_delay")
                .isGreaterThanOrEqualTo(pair.lockDelay());
        b.write(next, "owner", "successor");
        arrivesAtLast(pair, a, arrives);
        stays(pair, "successor", "a write delayed by " + late.toMillis() + " ms");
        assertThat(write.isDone()).as("the late write has ended").isTrue();
        a.close();
        endsCleanly(pair, b);
    }

    /** A gate lets go what it holds only when it is told to. */
    private static void healAt(SplitNode node, long when) {
        try {
            TimeUnit.NANOSECONDS.sleep(Math.max(0, when - System.nanoTime()));
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

    /** Its lock is removed, and nobody can tell it: it goes on writing while its lease lasts. */
    @Verifies(value = Rule.SP_04, parallel = true, boundSeconds = 120)
    public void aBoundedPairOutwaitsAnActiveThatHearsOfNothing(Trial trial) throws Exception {
        SplitPair pair = SplitPair.lasting(trial);
        SplitNode a = pair.node("a", true);
        Term term = a.active(pair.setUp());
        if (!a.locks().losses().containsKey(SplitStore.CUT)
                || a.locks().losses().size() < 2) {
            throw new NotApplicableException("the lock cannot be removed behind the back of an active that is cut off");
        }
        SplitNode b = pair.node("b", true);
        a.restOnceDown();
        SplitLoad load = new SplitLoad(trial, term, 2);
        trial.await("the active writes", pair.setUp(), () -> load.written() > 20);
        a.locks().lose(SplitStore.CUT);
        a.locks().lose(a.locks().fastest());
        Term next = b.active(pair.failOver().plus(pair.outwaiting()));
        List<Optional<String>> atFirst = load.values(pair.storage().witness());
        while (term.lease().isHeld()) {
            assertThat(load.values(pair.storage().witness()))
                    .as(
                            "what the deposed active wrote, read again %s ms after its successor had begun",
                            Duration.ofNanos(System.nanoTime() - b.activeSince(next))
                                    .toMillis())
                    .isEqualTo(atFirst);
            Thread.sleep(5);
        }
        load.stop(pair.handOver());
        assertThat(load.values(pair.storage().witness()))
                .as("what the deposed active wrote, read again after its lease")
                .isEqualTo(atFirst);
    }

    /** Without renewals the lease runs out under the writers. */
    @Verifies(value = Rule.SP_04, parallel = true, boundSeconds = 60)
    public void aBoundedPairSendsNothingThatMayOutliveItsLease(Trial trial) throws Exception {
        sendsNothingThatMayOutliveItsLease(SplitPair.usual(trial, ""));
    }

    static void sendsNothingThatMayOutliveItsLease(SplitPair pair) throws Exception {
        SplitNode a = pair.node("a", true);
        Term term = a.active(pair.setUp());
        if (!a.locks().losses().containsKey(SplitStore.CUT)) {
            throw new NotApplicableException("the way to ha_storage cannot be cut");
        }
        SplitLoad load = new SplitLoad(pair.trial(), term, 2);
        pair.trial().await("the active writes", pair.setUp(), () -> load.written() > 20);
        a.locks().lose(SplitStore.CUT);
        load.needsLease(pair.storage().requestTimeout());
        pair.trial()
                .await(
                        "the lease has run out",
                        pair.failOver(),
                        () -> !term.lease().isHeld());
        load.stopWithout(
                "writes with less lease left than the deadline of "
                        + pair.storage().requestTimeout(),
                pair.handOver());
        assertThat(Thrown.by(() -> put(term.storage(), "owner", "late"))).isInstanceOf(BackendException.Fenced.class);
    }
}
