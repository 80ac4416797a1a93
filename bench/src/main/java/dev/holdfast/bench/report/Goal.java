package dev.holdfast.bench.report;

import dev.holdfast.bench.stats.Interval;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of a figure.
 *
 * @param of the ratio of ours to theirs, or our own value, or the exponent of a growth
 * @param atMost whether less is better
 * @param text for people
 */
public record Goal(Of of, boolean atMost, double bound, String text) {
    /** What a goal is about. */
    public enum Of {
        /** Ours divided by theirs. */
        RATIO,
        /** Ours alone. */
        VALUE,
        /** The exponent of a growth. */
        EXPONENT
    }

    /** How it came out. */
    public enum Verdict {
        /** The whole interval of confidence is on the right side. */
        MET,
        /** The whole interval is on the wrong side. */
        MISSED,
        /** The goal lies within the interval: more measurements, or a quieter machine, would tell. */
        OPEN,
        /** Nothing is wanted; the figure is for information. */
        NONE
    }

    /** At most so many times theirs. */
    public static Goal atMostTimes(double bound) {
        return new Goal(Of.RATIO, true, bound, "≤ " + times(bound));
    }

    /** At least so many times theirs. */
    public static Goal atLeastTimes(double bound) {
        return new Goal(Of.RATIO, false, bound, "≥ " + times(bound));
    }

    /** At most so much. */
    public static Goal atMost(double bound, Unit unit) {
        return new Goal(Of.VALUE, true, bound, "≤ " + unit.text(bound));
    }

    /** An exponent of at most so much. */
    public static Goal exponent(double bound) {
        return new Goal(Of.EXPONENT, true, bound, "exponent ≤ " + String.format(Locale.ROOT, "%.1f", bound));
    }

    private static String times(double bound) {
        return bound == Math.rint(bound)
                ? String.format(Locale.ROOT, "%.0f×", bound)
                : String.format(Locale.ROOT, "%s×", bound);
    }

    /** How a figure stands to a goal, if there is one. */
    static Verdict judge(@Nullable Goal goal, @Nullable Interval figure) {
        if (goal == null || figure == null) {
            return Verdict.NONE;
        }
        double better = goal.atMost ? figure.low() : figure.high();
        double worse = goal.atMost ? figure.high() : figure.low();
        if (goal.reached(worse)) {
            return Verdict.MET;
        }
        return goal.reached(better) ? Verdict.OPEN : Verdict.MISSED;
    }

    /** What is said of two figures that must both reach one goal. */
    static Verdict worse(Verdict one, Verdict other) {
        return List.of(Verdict.MISSED, Verdict.OPEN, Verdict.MET).stream()
                .filter(each -> each == one || each == other)
                .findFirst()
                .orElse(Verdict.NONE);
    }

    private boolean reached(double figure) {
        return atMost ? figure <= bound : figure >= bound;
    }
}
