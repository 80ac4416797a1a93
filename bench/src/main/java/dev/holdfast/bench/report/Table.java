package dev.holdfast.bench.report;

import dev.holdfast.bench.stats.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A run as a table: measure, ours, theirs, ratio, goal, met or not. */
public final class Table {
    private static final List<String> HEAD = List.of("measure", "ours", "theirs", "ratio (95 %)", "goal", "met");

    private Table() {}

    /** For a terminal. */
    public static String text(BenchReport report) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        report.measures().forEach(measure -> rows.add(cells(measure)));
        report.growths().forEach(growth -> rows.add(cells(growth)));
        int[] widths = new int[HEAD.size()];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        StringBuilder text = new StringBuilder();
        rows.forEach(row -> {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = row.get(i);
                String space = " ".repeat(widths[i] - cell.length());
                line.append(i > 0 && i < 4 ? space + cell : cell + space).append("  ");
            }
            text.append(line.toString().stripTrailing()).append('\n');
        });
        return text.toString();
    }

    /** For a document, with what a reader must know below it. */
    public static String markdown(BenchReport report) {
        StringBuilder text = new StringBuilder();
        text.append("| ").append(String.join(" | ", HEAD)).append(" |\n|---|--:|--:|--:|---|---|\n");
        report.measures()
                .forEach(measure -> text.append("| ")
                        .append(String.join(" | ", cells(measure)))
                        .append(" |\n"));
        report.growths()
                .forEach(growth -> text.append("| ")
                        .append(String.join(" | ", cells(growth)))
                        .append(" |\n"));
        report.failures()
                .forEach(failure ->
                        text.append("\nNot measured: ").append(failure).append('\n'));
        return text.append("\n").append(circumstances(report)).append('\n').toString();
    }

    private static String circumstances(BenchReport report) {
        Machine machine = report.machine();
        return String.format(
                Locale.ROOT,
                "%s, %,d s%s; %s, %d cores, load %.1f before and %.1f at the end; Java %s; %s",
                report.date().substring(0, 10),
                report.millis() / 1_000,
                report.quick() ? ", quick: too short for final figures" : "",
                machine.processor(),
                machine.cores(),
                report.loadBefore(),
                report.loadAfter(),
                machine.java(),
                report.stores().isEmpty() ? "no store" : String.join(", ", report.stores()));
    }

    /** The cells of a measure. */
    public static List<String> cells(Measure measure) {
        Side theirs = measure.theirs();
        return List.of(
                measure.backend() + ": " + measure.row() + (measure.figure().isEmpty() ? "" : ", " + measure.figure()),
                measure.unit().text(measure.ours().figure().value()),
                theirs == null ? "" : measure.unit().text(theirs.figure().value()) + " (" + theirs.name() + ")",
                ratio(measure.ratio()),
                measure.goal() == null ? "" : measure.goal().text(),
                word(measure.verdict()));
    }

    private static List<String> cells(Growth growth) {
        Growth.Point first = growth.points().get(0);
        Growth.Point last = growth.points().get(growth.points().size() - 1);
        return List.of(
                growth.backend() + ": " + growth.cost() + " by " + growth.size(),
                growth.unit().text(first.cost().value()) + " → "
                        + growth.unit().text(last.cost().value()),
                "",
                String.format(
                        Locale.ROOT,
                        "exponent %.2f (%.2f–%.2f)",
                        growth.law().exponent().value(),
                        growth.law().exponent().low(),
                        growth.law().exponent().high()),
                growth.goal().text(),
                word(growth.verdict()));
    }

    static String ratio(@Nullable Interval ratio) {
        if (ratio == null) {
            return "";
        }
        String value = number(ratio.value()) + "×";
        return ratio.low() == ratio.high()
                ? value
                : value + " (" + number(ratio.low()) + "–" + number(ratio.high()) + ")";
    }

    private static String number(double ratio) {
        if (ratio > 0 && ratio < 0.095) {
            return "1/" + number(1 / ratio);
        }
        return String.format(Locale.ROOT, ratio >= 100 ? "%.0f" : ratio >= 10 ? "%.1f" : "%.2f", ratio);
    }

    static String word(Goal.Verdict verdict) {
        return switch (verdict) {
            case MET -> "met";
            case MISSED -> "MISSED";
            case OPEN -> "open";
            case NONE -> "";
        };
    }
}
