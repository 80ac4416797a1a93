package dev.holdfast.bench.report;

import dev.holdfast.bench.stats.Interval;
import org.jspecify.annotations.Nullable;

/**
 * One figure of ours beside one of somebody else's.
 *
 * @param id stable, such as {@code etcd/get-256/p50}
 * @param backend the backend's type
 * @param row what is measured, shared by the figures that go together
 * @param figure which figure of it, such as {@code p50}
 * @param theirs null where there is nobody to compare with
 * @param ratio ours divided by theirs
 * @param note what a reader must know to understand it; empty when nothing
 */
public record Measure(
        String id,
        String backend,
        String row,
        String figure,
        Unit unit,
        Side ours,
        @Nullable Side theirs,
        @Nullable Interval ratio,
        @Nullable Goal goal,
        Goal.Verdict verdict,
        String note) {
    /** Judges it. */
    public static Measure of(
            String id,
            String row,
            String figure,
            Unit unit,
            Side ours,
            @Nullable Side theirs,
            @Nullable Interval ratio,
            @Nullable Goal goal,
            String note) {
        Interval judged = goal != null && goal.of() == Goal.Of.RATIO ? ratio : ours.figure();
        String backend = id.substring(0, id.indexOf('/'));
        return new Measure(id, backend, row, figure, unit, ours, theirs, ratio, goal, Goal.judge(goal, judged), note);
    }
}
