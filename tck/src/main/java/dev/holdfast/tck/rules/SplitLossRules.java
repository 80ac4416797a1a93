package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.HANode;
import dev.holdfast.ha.Term;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HABackend;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** An active that has lost one of its two stores. */
public final class SplitLossRules {
    /** Every way to lose the lock, while writers write. */
    @Verifies(value = Rule.SP_02, parallel = true, boundSeconds = 90)
    public void aLostLockStopsEveryWrite(Trial trial) throws Exception {
        losingTheLockStopsEveryWrite(SplitPair.usual(trial, ""));
    }

    static void losingTheLockStopsEveryWrite(SplitPair pair) throws Exception {
        List<String> ways;
        try (SplitNode scout = pair.node("scout")) {
            ways = new ArrayList<>(scout.locks().losses().keySet());
        }
        for (String way : ways) {
            losesTheLock(pair, way);
        }
    }

    private static void losesTheLock(SplitPair pair, String way) throws Exception {
        try (SplitNode a = pair.node("a");
                SplitNode b = pair.node("b")) {
            Term term = await(pair, a, b, pair.setUp());
            SplitNode active = a.term().isPresent() ? a : b;
            SplitLoad load = new SplitLoad(pair.trial(), term, 2);
            pair.trial().await("the active writes", pair.setUp(), () -> load.written() > 20);
            active.locks().lose(way);
            pair.trial()
                    .await(
                            "the active has lost its lease: " + way,
                            pair.failOver(),
                            () -> !term.lease().isHeld());
            assertThat(term.isActive()).as("isActive() after: %s", way).isFalse();
            int before = load.refused();
            Term next = await(pair, a, b, pair.failOver());
            a.write(next, "owner", "successor");
            pair.trial().await("the writers were refused since", pair.handOver(), () -> load.refused() > before + 2);
            load.stopWithout("writes that began after isHeld() was false: " + way + ", " + pair, pair.handOver());
            assertThat(next.lease().token())
                    .as("the successor's token after: %s", way)
                    .isGreaterThan(term.lease().token());
            Throwable late = Thrown.by(() -> put(term.storage(), "owner", "late"));
            assertThat(late).as("a write of the lost term").isInstanceOf(BackendException.Fenced.class);
            assertThat(get(pair.storage().witness(), "owner"))
                    .as("what the successor wrote")
                    .contains("successor");
        }
    }

    private static Term await(SplitPair pair, SplitNode a, SplitNode b, Duration bound) throws InterruptedException {
        pair.trial()
                .await(
                        () -> "one of " + a + " and " + b + " is active",
                        bound,
                        () -> a.term().isPresent() || b.term().isPresent());
        return a.term().or(b::term).orElseThrow();
    }

    /** The lock goes while the service is still starting. */
    @Verifies(value = Rule.SP_02, parallel = true)
    public void aLockLostDuringTheTakeoverIsNoticed(Trial trial) throws Exception {
        losingTheLockDuringTakeover(SplitPair.usual(trial, ""));
    }

    /** The slowest way to lose it. */
    @Verifies(value = Rule.SP_02, parallel = true)
    public void aLockThatExpiresDuringTheTakeoverIsNoticed(Trial trial) throws Exception {
        losingTheLockDuringTakeover(SplitPair.usual(trial, ""), true);
    }

    static void losingTheLockDuringTakeover(SplitPair pair) throws Exception {
        losingTheLockDuringTakeover(pair, false);
    }

    private static void losingTheLockDuringTakeover(SplitPair pair, boolean slowly) throws Exception {
        SplitAccess data = pair.storage().toData("starting");
        SplitStore.LockAccess locks = pair.locks().toLocks("starting");
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Queue<Term> terms = new ConcurrentLinkedQueue<>();
        Queue<HAEvent.Kind> ends = new ConcurrentLinkedQueue<>();
        Queue<HAEvent> events = new ConcurrentLinkedQueue<>();
        var stores = pair.trial().keep(SplitNode.stores(pair, data.client(), locks.client()));
        pair.trial()
                .keep(HANode.of(stores, SplitNode.LOCK, "starting")
                        .onActive(term -> {
                            terms.add(term);
                            begun.countDown();
                            if (terms.size() == 1) {
                                never.await();
                            }
                        })
                        .onStandby(why -> ends.add(why.kind()))
                        .onEvent(events::add)
                        .start());
        pair.trial().await(() -> "the service is starting; " + events, pair.setUp(), () -> begun.getCount() == 0);
        Term lost = terms.element();
        locks.lose(slowly ? locks.slowest() : locks.fastest());
        pair.trial().await("the term is over", pair.failOver(), () -> !lost.isActive());
        pair.trial().await("the service was told to stop", pair.failOver(), () -> !ends.isEmpty());
        assertThat(ends).as("why it was told to stop").first().isEqualTo(HAEvent.Kind.LEASE_LOST);
        assertThat(Thrown.by(() -> put(lost.storage(), "owner", "late")))
                .as("a write of the lost term")
                .isInstanceOf(BackendException.Fenced.class);
        SplitNode other = pair.node("other");
        pair.trial()
                .await(
                        () -> "somebody serves again; " + events + ", " + other,
                        pair.failOver(),
                        () -> terms.size() > 1 || other.term().isPresent());
        Term next = other.term().or(() -> terms.stream().skip(1).findFirst()).orElseThrow();
        assertThat(next.lease().token())
                .as("the next token")
                .isGreaterThan(lost.lease().token());
    }

    /** Nothing asks for anything while storage is cut off. */
    @Verifies(value = Rule.SP_03, parallel = true)
    public void anIdleActiveWithoutStorageGivesTheLockUp(Trial trial) throws Exception {
        losingStorageGivesTheLockUp(SplitPair.usual(trial, ""), Fault.BLACK_HOLE, false);
    }

    /** Writers are waiting for storage when it is cut off. */
    @Verifies(value = Rule.SP_03, parallel = true)
    public void aBusyActiveWithoutStorageGivesTheLockUp(Trial trial) throws Exception {
        losingStorageGivesTheLockUp(SplitPair.usual(trial, ""), Fault.RESET, true);
    }

    static void losingStorageGivesTheLockUp(SplitPair pair, Fault fault, boolean busy) throws Exception {
        SplitNode a = pair.node("a");
        Term term = a.active(pair.setUp());
        SplitNode b = pair.node("b");
        @Nullable SplitLoad load = busy ? new SplitLoad(pair.trial(), term, 4) : null;
        if (load != null) {
            pair.trial().await("the active writes", pair.setUp(), () -> load.written() > 20);
        }
        Duration bound = pair.storage().requestTimeout().multipliedBy(3).plusSeconds(1);
        a.data().cut(fault);
        pair.trial()
                .await(
                        () -> "the active that cannot reach storage (" + fault + ") gives the lock up; " + a,
                        bound,
                        () -> !term.lease().isHeld());
        assertThat(term.isActive()).as("isActive() without storage").isFalse();
        Term next = b.active(pair.handOver());
        b.write(next, "owner", "b");
        if (load != null) {
            load.stopWithout("writes after the lock was given up", bound);
        }
        HABackend locks = pair.lockWitness();
        b.stepDown();
        pair.trial().await("b has given the lock up", pair.handOver(), () -> b.had(HAEvent.Kind.STOPPED));
        // A release that the store did not confirm in time is told to it again.
        pair.trial().await("b's lock is free", pair.handOver(), () -> SplitStore.isFree(locks, SplitNode.LOCK));
        long end = System.nanoTime() + pair.locks().host().atOnce().toNanos();
        while (System.nanoTime() - end < 0) {
            assertThat(locks.lock(SplitNode.LOCK, "witness").holder())
                    .as("the holder while the only contender cannot reach storage")
                    .isEmpty();
            Thread.sleep(5);
        }
        a.data().heal();
        Term again = a.active(pair.handOver().plusSeconds(5));
        assertThat(get(again.storage(), "owner")).as("what it reads then").contains("b");
    }
}
