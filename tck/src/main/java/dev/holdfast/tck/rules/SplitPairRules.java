package dev.holdfast.tck.rules;

import dev.holdfast.spi.Capability;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The rules for pairs, with every other backend that the class path has in either part; what a store does with itself, SP-01
 * to SP-05 check.
 */
public final class SplitPairRules {
    @FunctionalInterface
    private interface Body {
        void check(SplitPair pair) throws Exception;
    }

    private record Step(String suffix, Body body) {}

    private static final List<Step> STEPS = List.of(
            new Step("-01", SplitPlaceRules::dataHereLockThere),
            new Step("-02", SplitLossRules::losingTheLockStopsEveryWrite),
            new Step("-02t", SplitLossRules::losingTheLockDuringTakeover),
            new Step("-03", pair -> SplitLossRules.losingStorageGivesTheLockUp(pair, Fault.BLACK_HOLE, true)),
            new Step("-04f", SplitWriteRules::rejectsTheLateWrite),
            new Step("-04b", SplitWriteRules::outwaitsTheLateWrite),
            new Step("-04l", SplitWriteRules::sendsNothingThatMayOutliveItsLease),
            new Step("-05", SplitPlaceRules::refusesWithoutLocks));

    /** Each is two stores and two nodes at work; with four backends there are six pairs. */
    private static final int AT_ONCE = 2;

    /** Every rule with every pair, two of them side by side. */
    @Verifies(value = Rule.SP_06, parallel = true, boundSeconds = 360)
    public void everyPairWithAnotherBackendWorks(Trial trial) throws Exception {
        SplitHost subject = SplitHost.subject(trial);
        List<Runner> runners = new ArrayList<>();
        for (SplitHost companion : SplitHost.companions(trial)) {
            if (SplitStore.forLocks(trial, companion, "-probe").declares(Capability.LOCKS)) {
                runners.add(new Runner(trial, subject, companion, companion.type() + "-s"));
            }
            if (trial.declares(Capability.LOCKS)) {
                runners.add(new Runner(trial, companion, subject, companion.type() + "-l"));
            }
        }
        if (runners.isEmpty()) {
            throw new UnverifiedException("there is no other backend on the class path that a pair can be made with");
        }
        Queue<Runner> left = new ConcurrentLinkedQueue<>(runners);
        trial.race(Math.min(AT_ONCE, runners.size()), Duration.ofSeconds(350), number -> {
            for (Runner next = left.poll(); next != null; next = left.poll()) {
                next.run();
            }
        });
    }

    private record Runner(Trial trial, SplitHost storage, SplitHost locks, String name) {
        void run() throws Exception {
            for (Step step : STEPS) {
                try {
                    step.body.check(SplitPair.of(trial, storage, locks, step.suffix + name));
                } catch (NotApplicableException e) {
                    // this pair has nothing of the kind
                } catch (AssertionError e) {
                    throw new AssertionError(
                            "storage " + storage.type() + ", ha_storage " + locks.type() + ", SP" + step.suffix + ": "
                                    + e.getMessage(),
                            e);
                }
            }
        }
    }
}
