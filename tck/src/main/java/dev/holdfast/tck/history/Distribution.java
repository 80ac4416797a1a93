package dev.holdfast.tck.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How a number of times are spread. */
public final class Distribution {
    /** Below each of these, in milliseconds, and at the last or above. */
    private static final List<Integer> STEPS = List.of(0, 50, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_000);

    private static final int WIDTH = 50;

    private final List<Long> sorted;

    /** @param nanos the times */
    public Distribution(Collection<Long> nanos) {
        sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
    }

    /** How many there are. */
    public int size() {
        return sorted.size();
    }

    /** The time that this share of them, from 0 to 1, does not exceed; empty when there is none at all. */
    public Optional<Long> at(double share) {
        int index = (int) Math.ceil(share * sorted.size()) - 1;
        return sorted.isEmpty() ? Optional.empty() : Optional.of(sorted.get(Math.max(0, index)));
    }

    /** As {@link #at}, in milliseconds, for a person. */
    public String text(double share) {
        return at(share).map(Distribution::millis).orElse("not seen");
    }

    private static String millis(long nanos) {
        double millis = nanos / 1e6;
        return String.format(Locale.ROOT, Math.abs(millis) < 20 ? "%.1f ms" : "%.0f ms", millis);
    }

    /** Least, percentiles and most, in one row of a table. */
    public String row() {
        return String.format(
                Locale.ROOT,
                "%d | %s | %s | %s | %s | %s",
                size(),
                text(0),
                text(0.01),
                text(0.5),
                text(0.99),
                text(1));
    }

    /** A line for each step that there are any in. */
    public String histogram() {
        StringBuilder text = new StringBuilder();
        int before = 0;
        int most = 1;
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i <= STEPS.size(); i++) {
            int upTo = i < STEPS.size() ? below(STEPS.get(i)) : size();
            counts.add(upTo - before);
            most = Math.max(most, upTo - before);
            before = upTo;
        }
        for (int i = 0; i <= STEPS.size(); i++) {
            if (counts.get(i) > 0) {
                String what = i < STEPS.size() ? "below " + STEPS.get(i) + " ms" : "above";
                String bar = "#".repeat(Math.max(1, WIDTH * counts.get(i) / most));
                text.append(String.format(Locale.ROOT, "%-14s %6d %s%n", what, counts.get(i), bar));
            }
        }
        return text.toString();
    }

    private int below(int millis) {
        return (int)
                sorted.stream().filter(nanos -> nanos < millis * 1_000_000L).count();
    }
}
