package dev.holdfast.bench.report;

import static dev.holdfast.tck.report.OnePage.text;

import dev.holdfast.tck.report.OnePage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run as {@link OnePage}. Without its script it lacks only the plots.
 */
final class Page {
    private final BenchReport report;

    private Page(BenchReport report) {
        this.report = report;
    }

    static String html(BenchReport report) {
        return new Page(report).page();
    }

    private String page() {
        return OnePage.of(
                Page.class,
                "bench.html",
                "bench.css",
                List.of("bench.js"),
                report.text(),
                Map.of(
                        "title", text(title()),
                        "tiles", tiles(),
                        "facts", facts(),
                        "failures", failures(),
                        "tables", tables(),
                        "growths", growths()));
    }

    private String title() {
        String measured = Stream.concat(
                        report.measures().stream().map(Measure::backend),
                        report.growths().stream().map(Growth::backend))
                .distinct()
                .collect(Collectors.joining(", "));
        return measured.isEmpty() ? "nothing" : measured;
    }

    private Map<String, List<Measure>> backends() {
        return report.measures().stream()
                .collect(Collectors.groupingBy(Measure::backend, LinkedHashMap::new, Collectors.toList()));
    }

    private long count(Goal.Verdict verdict) {
        return report.measures().stream()
                        .filter(each -> each.verdict() == verdict)
                        .count()
                + report.growths().stream()
                        .filter(each -> each.verdict() == verdict)
                        .count();
    }

    private String tiles() {
        return List.of(Goal.Verdict.MET, Goal.Verdict.OPEN, Goal.Verdict.MISSED).stream()
                .map(verdict -> "<li class=\"%s%s\"><b>%d</b><span>%s</span></li>\n"
                        .formatted(css(verdict), count(verdict) == 0 ? " none" : "", count(verdict), told(verdict)))
                .collect(Collectors.joining());
    }

    private static String told(Goal.Verdict verdict) {
        return switch (verdict) {
            case MET -> "goals met";
            case MISSED -> "goals missed";
            case OPEN -> "goals open";
            case NONE -> "for information";
        };
    }

    private String facts() {
        Machine machine = report.machine();
        return String.join(
                "",
                fact(
                        "Run",
                        text(report.date().replace('T', ' ').replace("Z", " UTC"))
                                + String.format(Locale.ROOT, ", took %d s", report.millis() / 1_000)
                                + (report.quick() ? ", <b>quick</b>: too short for final figures" : "")),
                fact(
                        "Machine",
                        text(machine.processor() + ", " + machine.cores() + " cores, "
                                + Unit.BYTES.text((double) machine.memory()))),
                fact(
                        "Load",
                        String.format(
                                Locale.ROOT,
                                "%.1f before, %.1f at the end, on %d cores",
                                report.loadBefore(),
                                report.loadAfter(),
                                machine.cores())),
                fact(
                        "Stores",
                        report.stores().isEmpty() ? "none but this JVM" : text(String.join("; ", report.stores()))),
                fact("Java", text(machine.java())),
                fact("Seed", "<code>" + text(report.seed()) + "</code>"));
    }

    private static String fact(String name, String html) {
        return "<div><dt>" + name + "</dt><dd>" + html + "</dd></div>\n";
    }

    private String failures() {
        return report.failures().isEmpty()
                ? ""
                : report.failures().stream()
                        .map(each -> "<li>" + text(each) + "</li>\n")
                        .collect(Collectors.joining(
                                "", "<section class=\"failures\"><h2>Not measured</h2><ul>\n", "</ul></section>\n"));
    }

    private String tables() {
        StringBuilder html = new StringBuilder();
        backends()
                .forEach((backend, measures) -> html.append("<section id=\"of-")
                        .append(text(backend))
                        .append("\"><h2>")
                        .append(text(backend))
                        .append("</h2>\n<div class=\"plot ratios\" data-backend=\"")
                        .append(text(backend))
                        .append("\"></div>\n<div class=\"sideways\"><table class=\"measures\">\n")
                        .append(head("measure", "ours", "theirs", "ours ÷ theirs", "goal", "met"))
                        .append(measures.stream().map(Page::row).collect(Collectors.joining("", "<tbody>", "</tbody>")))
                        .append("</table></div>\n<div class=\"plot spreads\" data-backend=\"")
                        .append(text(backend))
                        .append("\"></div></section>\n"));
        return html.toString();
    }

    private static String head(String... cells) {
        return List.of(cells).stream()
                .map(cell -> "<th scope=\"col\">" + cell + "</th>")
                .collect(Collectors.joining("", "<thead><tr>", "</tr></thead>\n"));
    }

    private static String row(Measure measure) {
        Side theirs = measure.theirs();
        String note = measure.note().isEmpty() ? "" : "<span class=\"fine\">" + text(measure.note()) + "</span>";
        String against = theirs == null
                ? ""
                : text(measure.unit().text(theirs.figure().value())) + " <span class=\"fine\">" + text(theirs.name())
                        + "</span>";
        return """
                <tr id="%s"><th scope="row">%s <b>%s</b>%s</th><td data-name="ours">%s</td><td data-name="theirs">%s</td>\
                <td data-name="ratio">%s</td><td data-name="goal">%s</td><td>%s</td></tr>
                """.formatted(
                        text(measure.id()),
                        text(measure.row()),
                        text(measure.figure()),
                        note,
                        text(measure.unit().text(measure.ours().figure().value())),
                        against,
                        text(Table.ratio(measure.ratio())),
                        measure.goal() == null ? "" : text(measure.goal().text()),
                        badge(measure.verdict()));
    }

    private static String badge(Goal.Verdict verdict) {
        return verdict == Goal.Verdict.NONE
                ? ""
                : "<span class=\"badge " + css(verdict) + "\">" + Table.word(verdict) + "</span>";
    }

    private String growths() {
        return report.growths().isEmpty()
                ? ""
                : report.growths().stream()
                        .map(Page::growth)
                        .collect(Collectors.joining("", """
                                <section id="growth"><h2>Growth</h2>
                                <p class="fine">Both axes are logarithmic: a straight line is a power, and its slope is the \
                                exponent. 0 does not grow, 1 is linear.</p>
                                <div class="cards">
                                """, "</div></section>\n"));
    }

    private static String growth(Growth growth) {
        return """
                <figure class="card" id="%s"><figcaption><b>%s: %s</b> by %s %s<br>
                <span class="fine">exponent %.2f (%.2f to %.2f), last step %.2f; goal: %s%s</span></figcaption>
                <div class="plot growth" data-id="%s"></div></figure>
                """.formatted(
                        text(growth.id()),
                        text(growth.backend()),
                        text(growth.cost()),
                        text(growth.size()),
                        badge(growth.verdict()),
                        growth.law().exponent().value(),
                        growth.law().exponent().low(),
                        growth.law().exponent().high(),
                        growth.lastStep(),
                        text(growth.goal().text()),
                        growth.note().isEmpty() ? "" : ". " + text(growth.note()),
                        text(growth.id()));
    }

    private static String css(Goal.Verdict verdict) {
        return verdict.name().toLowerCase(Locale.ROOT);
    }
}
