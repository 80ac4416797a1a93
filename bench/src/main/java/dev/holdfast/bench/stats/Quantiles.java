package dev.holdfast.bench.stats;

import java.util.Arrays;

/** Quantiles of observations. */
public final class Quantiles {
    private Quantiles() {}

    /**
     * The least observation that is not smaller than a share {@code q} of all.
     *
     * @param q above 0, at most 1
     */
    public static double of(double[] values, double q) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return ofSorted(sorted, q);
    }

    static double ofSorted(double[] sorted, double q) {
        if (sorted.length == 0) {
            throw new IllegalArgumentException("nothing was observed");
        }
        // 0.55 × 100 is a little more than 55 in binary fractions, and must not be the 56th.
        return sorted[Math.max(0, (int) Math.ceil(q * sorted.length - 1e-9) - 1)];
    }

    /** Enough of them to draw the distribution: minimum, each twentieth, the 99th hundredth, maximum. */
    public static double[] drawn(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double[] drawn = new double[22];
        drawn[0] = sorted[0];
        for (int i = 1; i < 20; i++) {
            drawn[i] = ofSorted(sorted, i / 20.0);
        }
        drawn[20] = ofSorted(sorted, 0.99);
        drawn[21] = sorted[sorted.length - 1];
        return drawn;
    }
}
