package dev.holdfast.tck;

import dev.holdfast.tck.rules.AbandonmentRules;
import dev.holdfast.tck.rules.CatchingUpRules;
import dev.holdfast.tck.rules.ClusterRules;
import dev.holdfast.tck.rules.CommitRules;
import dev.holdfast.tck.rules.ConcurrencyRules;
import dev.holdfast.tck.rules.ContentionRules;
import dev.holdfast.tck.rules.CostRules;
import dev.holdfast.tck.rules.ErrorRules;
import dev.holdfast.tck.rules.FaultRules;
import dev.holdfast.tck.rules.FenceHeightRules;
import dev.holdfast.tck.rules.FencedReplyRules;
import dev.holdfast.tck.rules.FencingRules;
import dev.holdfast.tck.rules.HarnessRules;
import dev.holdfast.tck.rules.IsolationRules;
import dev.holdfast.tck.rules.LateReadRules;
import dev.holdfast.tck.rules.LifeCycleRules;
import dev.holdfast.tck.rules.LimitRules;
import dev.holdfast.tck.rules.ListingRules;
import dev.holdfast.tck.rules.LivenessRules;
import dev.holdfast.tck.rules.LockFailureRules;
import dev.holdfast.tck.rules.LockRules;
import dev.holdfast.tck.rules.LossRules;
import dev.holdfast.tck.rules.LossSignalRules;
import dev.holdfast.tck.rules.LostReplyRules;
import dev.holdfast.tck.rules.NewsRules;
import dev.holdfast.tck.rules.OutageRules;
import dev.holdfast.tck.rules.ProcessRules;
import dev.holdfast.tck.rules.ProviderRules;
import dev.holdfast.tck.rules.RecoveryRules;
import dev.holdfast.tck.rules.SplitLossRules;
import dev.holdfast.tck.rules.SplitPairRules;
import dev.holdfast.tck.rules.SplitPlaceRules;
import dev.holdfast.tck.rules.SplitWriteRules;
import dev.holdfast.tck.rules.SteadinessRules;
import dev.holdfast.tck.rules.StorageRules;
import dev.holdfast.tck.rules.TokenRules;
import dev.holdfast.tck.rules.ValueRules;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** One check of one rule, as marked by {@link Verifies}. */
record Check(Rule rule, String name, Duration bound, boolean parallel, boolean cluster, Method method) {
    private static final List<Class<?>> CLASSES = List.of(
            HarnessRules.class,
            FaultRules.class,
            StorageRules.class,
            ValueRules.class,
            CommitRules.class,
            ConcurrencyRules.class,
            ListingRules.class,
            LimitRules.class,
            ErrorRules.class,
            LostReplyRules.class,
            ContentionRules.class,
            AbandonmentRules.class,
            LockRules.class,
            LockFailureRules.class,
            NewsRules.class,
            LossRules.class,
            LossSignalRules.class,
            TokenRules.class,
            FencingRules.class,
            FenceHeightRules.class,
            FencedReplyRules.class,
            LivenessRules.class,
            IsolationRules.class,
            CostRules.class,
            LifeCycleRules.class,
            SteadinessRules.class,
            ClusterRules.class,
            CatchingUpRules.class,
            LateReadRules.class,
            OutageRules.class,
            RecoveryRules.class,
            ProcessRules.class,
            ProviderRules.class,
            SplitPlaceRules.class,
            SplitLossRules.class,
            SplitWriteRules.class,
            SplitPairRules.class);

    private static final List<Check> ALL = CLASSES.stream()
            .flatMap(Check::of)
            .sorted(Comparator.comparing(Check::id))
            .toList();

    /** The checks of a rule; empty when it has none yet. */
    static List<Check> of(Rule rule) {
        return ALL.stream().filter(check -> check.rule == rule).toList();
    }

    private static Stream<Check> of(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Verifies.class))
                .map(method -> {
                    Verifies verifies = method.getAnnotation(Verifies.class);
                    return new Check(
                            verifies.value(),
                            method.getName(),
                            Duration.ofSeconds(verifies.boundSeconds()),
                            verifies.parallel(),
                            verifies.cluster(),
                            method);
                });
    }

    /** Names it in messages, and gives it a seed and a namespace of its own. */
    String id() {
        return rule.id() + "." + name;
    }

    /** Makes the check in the calling thread; throws whatever it throws. */
    void make(Trial trial) throws Throwable {
        Constructor<?> constructor = method.getDeclaringClass().getConstructor();
        try {
            method.invoke(constructor.newInstance(), trial);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
