package dev.holdfast.bench.stats;

/**
 * A figure and where it lies with 95 % confidence.
 *
 * @param low equal to {@code value} where it was counted, not estimated
 */
public record Interval(double value, double low, double high) {
    /** A figure that is certain. */
    public static Interval exactly(double value) {
        return new Interval(value, value, value);
    }

    /** The same in another unit. */
    public Interval times(double factor) {
        return new Interval(value * factor, low * factor, high * factor);
    }
}
