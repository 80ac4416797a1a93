package dev.holdfast.bench.stats;

import java.util.List;

/**
 * A cost that grows as a power of a size, {@code factor × size^exponent}, fitted by least squares on logarithms: 0 does
 * not grow, 1 is linear.
 *
 * @param exponent with the interval in which it lies when each cost may be anywhere in its own
 */
public record PowerLaw(double factor, Interval exponent) {
    /**
     * Fits it.
     *
     * @param sizes at least two different ones, all above 0
     * @param costs above 0, one for each
     */
    public static PowerLaw fit(List<Double> sizes, List<Interval> costs) {
        double[] x = sizes.stream().mapToDouble(Math::log).toArray();
        double[] y = costs.stream().mapToDouble(cost -> Math.log(cost.value())).toArray();
        double middle = mean(x);
        double exponent = slope(x, y);
        double away = 0;
        for (int i = 0; i < x.length; i++) {
            Interval cost = costs.get(i);
            double spread = (Math.log(cost.high()) - Math.log(cost.low())) / 2;
            away += Math.pow((x[i] - middle) * spread, 2);
        }
        double uncertain = Math.sqrt(away) / squares(x);
        return new PowerLaw(
                Math.exp(mean(y) - exponent * middle),
                new Interval(exponent, exponent - uncertain, exponent + uncertain));
    }

    /** What the law says for a size. */
    public double at(double size) {
        return factor * Math.pow(size, exponent.value());
    }

    private static double slope(double[] x, double[] y) {
        double both = 0;
        for (int i = 0; i < x.length; i++) {
            both += (x[i] - mean(x)) * (y[i] - mean(y));
        }
        return both / squares(x);
    }

    private static double squares(double[] x) {
        double sum = 0;
        for (double each : x) {
            sum += Math.pow(each - mean(x), 2);
        }
        return sum;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double each : values) {
            sum += each;
        }
        return sum / values.length;
    }
}
