package dev.holdfast.tck;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The table at the end of a run. */
final class Summary {
    private Summary() {}

    static String table(Report report) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%n%-34s%6s%6s%8s%12s%9s%n", "area", "PASS", "FAIL", "ABSENT", "UNVERIFIED", "checks"));
        for (RuleArea area : RuleArea.values()) {
            List<RuleResult> results = report.results().stream()
                    .filter(result -> result.rule().area() == area)
                    .toList();
            if (!results.isEmpty()) {
                text.append(row(area + "  " + area.title(), results));
            }
        }
        text.append(row("all", report.results()));
        text.append(String.format(
                "%nbackend  %s%nstore    %s%ndeclares %s%nseed     %d%n",
                report.backend(),
                report.store(),
                report.capabilities().stream().sorted().map(Enum::name).collect(Collectors.joining(" ")),
                report.seed()));
        return text.append("result   ").append(result(report)).toString();
    }

    private static String row(String name, List<RuleResult> results) {
        double seconds = results.stream()
                .mapToDouble(result -> result.took().toNanos() / 1e9)
                .sum();
        Object[] counts = Arrays.stream(Outcome.values())
                .map(outcome -> results.stream()
                        .filter(result -> result.outcome() == outcome)
                        .count())
                .toArray();
        return String.format(Locale.ROOT, "%-34s%6s%6s%8s%12s", name, counts[0], counts[1], counts[2], counts[3])
                + String.format(Locale.ROOT, "%7.1f s%n", seconds);
    }

    /** What came of a run, in a line. */
    static String result(Report report) {
        long unverified = report.count(Outcome.UNVERIFIED);
        String open = unverified == 0 ? "" : "; " + unverified + " not verified, which is not a pass";
        long checked = report.count(Outcome.PASS) + report.count(Outcome.FAIL);
        String verdict = checked == 0
                ? "no rule was checked"
                : report.passed()
                        ? "all " + checked + " checked rules passed"
                        : report.count(Outcome.FAIL) + " of " + checked + " checked rules failed";
        return String.format(
                Locale.ROOT, "%s%s (%.1f s)", verdict, open, report.took().toNanos() / 1e9);
    }
}
