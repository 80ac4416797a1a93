package dev.holdfast.bench.report;

import java.util.Locale;

/** What figures count, and how people read them. */
public enum Unit {
    /** Nanoseconds. */
    NANOS,
    /** So many in a second. */
    PER_SECOND,
    /** Bytes. */
    BYTES,
    /** Things that are counted. */
    COUNT;

    private static final String[] TIMES = {"ns", "µs", "ms", "s"};
    private static final String[] SIZES = {"B", "KB", "MB", "GB"};

    /** With three digits that count. */
    public String text(double value) {
        return switch (this) {
            case NANOS -> scaled(value, TIMES);
            case BYTES -> scaled(value, SIZES);
            case PER_SECOND -> String.format(Locale.ROOT, "%,.0f/s", value);
            case COUNT ->
                value == Math.rint(value)
                        ? String.format(Locale.ROOT, "%,.0f", value)
                        : String.format(Locale.ROOT, "%,.2f", value);
        };
    }

    /** The size of something that was made so large, in the units of those who make it: 256 B, 16 KiB. */
    public static String size(int bytes) {
        return bytes % 1_024 == 0 ? bytes / 1_024 + " KiB" : bytes + " B";
    }

    private static String scaled(double value, String[] units) {
        double left = value;
        int unit = 0;
        while (Math.abs(left) >= 999.5 && unit < units.length - 1) {
            left /= 1_000;
            unit++;
        }
        double size = Math.abs(left);
        int digits = size >= 99.95 || size == Math.rint(size) ? 0 : size >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f %s", left, units[unit]);
    }
}
