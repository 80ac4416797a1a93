package dev.holdfast.bench.report;

import dev.holdfast.bench.stats.Interval;
import java.util.List;

/**
 * One of those that are compared.
 *
 * @param name such as {@code jetcd}
 * @param samples how many observations there are
 * @param figure what is compared, in the unit of the measure
 * @param quantiles of the observations: minimum, each twentieth, 99 %, maximum; empty where the figure says it all
 */
public record Side(String name, int samples, Interval figure, List<Double> quantiles) {
    /** One that was counted. */
    public static Side counted(String name, double value) {
        return new Side(name, 1, Interval.exactly(value), List.of());
    }
}
