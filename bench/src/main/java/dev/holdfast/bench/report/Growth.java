package dev.holdfast.bench.report;

import dev.holdfast.bench.stats.Interval;
import dev.holdfast.bench.stats.PowerLaw;
import java.util.List;

/**
 * How a cost grows.
 *
 * @param id stable, such as {@code etcd/growth/list-children}
 * @param cost what is measured
 * @param size what it is measured against
 * @param lastStep the exponent between the two largest sizes, where what is fixed weighs least
 */
public record Growth(
        String id,
        String backend,
        String cost,
        String size,
        Unit unit,
        List<Point> points,
        PowerLaw law,
        double lastStep,
        Goal goal,
        Goal.Verdict verdict,
        String note) {
    /** The cost of one size. */
    public record Point(double size, Interval cost) {}

    /** Fits it, and judges both what was fitted and its last step: what is fixed hides in a fit what grows only at its end. */
    public static Growth of(
            String id, String cost, String size, Unit unit, List<Point> points, Goal goal, String note) {
        PowerLaw law = law(points);
        Interval last = law(points.subList(points.size() - 2, points.size())).exponent();
        String backend = id.substring(0, id.indexOf('/'));
        Goal.Verdict verdict = Goal.worse(Goal.judge(goal, law.exponent()), Goal.judge(goal, last));
        return new Growth(id, backend, cost, size, unit, points, law, last.value(), goal, verdict, note);
    }

    /** The power law that fits best. */
    public static PowerLaw law(List<Point> points) {
        return PowerLaw.fit(
                points.stream().map(Point::size).toList(),
                points.stream().map(Point::cost).toList());
    }
}
