package dev.holdfast.tck.rules;

import dev.holdfast.spi.Capability;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.rules.SplitPair.Cast;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The rules for pairs, with the in-memory backend in either part; with itself is what SP-01 to SP-05 check. */
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

    /** Every rule with both pairs, side by side. */
    @Verifies(value = Rule.SP_06, parallel = true, boundSeconds = 120)
    public void everyPairWithTheInMemoryBackendWorks(Trial trial) throws Exception {
        List<Runner> runners = new ArrayList<>();
        runners.add(new Runner(trial, Cast.AS_STORAGE));
        if (trial.declares(Capability.LOCKS)) {
            runners.add(new Runner(trial, Cast.AS_HA_STORAGE));
        }
        trial.race(
                runners.size(),
                Duration.ofSeconds(115),
                number -> runners.get(number).run());
    }

    private record Runner(Trial trial, Cast cast) {
        void run() throws Exception {
            String name = cast == Cast.AS_STORAGE ? "s" : "l";
            for (Step step : STEPS) {
                try {
                    step.body.check(SplitPair.of(trial, cast, step.suffix + name));
                } catch (NotApplicableException e) {
                    // this pair has nothing of the kind
                } catch (AssertionError e) {
                    throw new AssertionError(cast + ", SP" + step.suffix + ": " + e.getMessage(), e);
                }
            }
        }
    }
}
