package dev.holdfast.bench.stats;

import java.util.Arrays;
import java.util.Random;

/**
 * Intervals of confidence without an assumption about how the observations are distributed: what else could have been
 * observed is drawn from what was, in blocks of neighbours, because on a busy machine neighbours are alike.
 */
public final class Bootstrap {
    private static final int DRAWS = 400;
    private static final int BLOCKS = 40;

    private final Random random;

    /** @param random which blocks are drawn */
    public Bootstrap(Random random) {
        this.random = random;
    }

    /** A quantile of the observations. */
    public Interval quantile(double[] values, double q) {
        double[] draws = new double[DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            draws[draw] = Quantiles.of(pick(values, blocks(values.length)), q);
        }
        return interval(Quantiles.of(values, q), draws);
    }

    /** The mean of the observations. */
    public Interval mean(double[] values) {
        double[] draws = new double[DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            draws[draw] = average(pick(values, blocks(values.length)));
        }
        return interval(average(values), draws);
    }

    /**
     * How the same quantile of both compares.
     *
     * @param ours taken in turn with {@code theirs}: those with one index are neighbours, and are drawn together
     */
    public Interval ratio(double[] ours, double[] theirs, double q) {
        requireTurns(ours, theirs);
        double[] draws = new double[DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            int[] blocks = blocks(ours.length);
            draws[draw] = Quantiles.of(pick(ours, blocks), q) / Quantiles.of(pick(theirs, blocks), q);
        }
        return interval(Quantiles.of(ours, q) / Quantiles.of(theirs, q), draws);
    }

    private static void requireTurns(double[] ours, double[] theirs) {
        if (ours.length != theirs.length) {
            throw new IllegalArgumentException("not taken in turns: " + ours.length + " and " + theirs.length);
        }
    }

    private static double average(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    /** The first index of each block of a draw. */
    private int[] blocks(int size) {
        int length = length(size);
        int[] starts = new int[(size + length - 1) / length];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = random.nextInt(size - length + 1);
        }
        return starts;
    }

    private static int length(int size) {
        return Math.max(1, size / BLOCKS);
    }

    private static double[] pick(double[] values, int[] starts) {
        int length = length(values.length);
        double[] picked = new double[starts.length * length];
        for (int i = 0; i < starts.length; i++) {
            System.arraycopy(values, starts[i], picked, i * length, length);
        }
        return picked;
    }

    private static Interval interval(double value, double[] draws) {
        Arrays.sort(draws);
        return new Interval(
                value,
                Math.min(value, Quantiles.ofSorted(draws, 0.025)),
                Math.max(value, Quantiles.ofSorted(draws, 0.975)));
    }
}
