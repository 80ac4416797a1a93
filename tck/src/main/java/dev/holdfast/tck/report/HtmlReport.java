package dev.holdfast.tck.report;

import static dev.holdfast.tck.report.Html.css;
import static dev.holdfast.tck.report.Html.time;

import dev.holdfast.spi.Capability;
import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.report.JsonReport.AreaEntry;
import dev.holdfast.tck.report.JsonReport.RuleEntry;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A run as {@link OnePage}. Without its script it lacks only the drawings and the filter.
 */
final class HtmlReport {
    private final JsonReport report;

    private HtmlReport(JsonReport report) {
        this.report = report;
    }

    static String text(JsonReport report) {
        return new HtmlReport(report).page();
    }

    private String page() {
        return OnePage.of(
                HtmlReport.class,
                "report.html",
                "report.css",
                List.of("page.js", "picture.js", "timeline.js"),
                report.text(),
                Map.ofEntries(
                        Map.entry("type", Html.text(report.type())),
                        Map.entry("store", Html.text(report.store())),
                        Map.entry("conformance", conformance()),
                        Map.entry("sentence", Html.text(report.conformance().sentence())),
                        Map.entry("tiles", tiles()),
                        Map.entry("bar", bar()),
                        Map.entry("facts", facts()),
                        Map.entry("failures", failures()),
                        Map.entry("summary", summary()),
                        Map.entry("capabilities", capabilities()),
                        Map.entry("areas", areas()),
                        Map.entry("kit", Html.text(report.kit()))));
    }

    private String conformance() {
        return switch (report.conformance().answer()) {
            case CONFORMS -> "pass";
            case NOT_SHOWN -> "unverified";
            case FAILED -> "fail";
        };
    }

    private long count(Outcome outcome) {
        return report.counts().getOrDefault(outcome, 0L);
    }

    private static long count(List<RuleEntry> rules, Outcome outcome) {
        return rules.stream().filter(rule -> rule.outcome() == outcome).count();
    }

    private String tiles() {
        return Arrays.stream(Outcome.values())
                .map(outcome -> "<li class=\"%s%s\">%s<b>%d</b><span>%s</span></li>\n"
                        .formatted(
                                css(outcome),
                                count(outcome) == 0 ? " none" : "",
                                Html.icon(css(outcome)),
                                count(outcome),
                                outcome))
                .collect(Collectors.joining());
    }

    /** The proportions of the outcomes. */
    private String bar() {
        StringBuilder html = new StringBuilder();
        double all = Math.max(1, report.rules().size());
        double x = 0;
        for (Outcome outcome : Outcome.values()) {
            double width = count(outcome) / all * 1_000;
            html.append(String.format(
                    Locale.ROOT,
                    "<rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" height=\"8\"/>",
                    css(outcome),
                    x,
                    width));
            x += width;
        }
        return html.toString();
    }

    private String facts() {
        return String.join(
                "",
                fact("Backend", Html.text(report.backend())),
                fact("Store", Html.text(report.store())),
                fact(
                        "Run",
                        Html.text(report.date().replace('T', ' ').replace("Z", " UTC")) + ", took "
                                + time(report.millis())),
                fact("Seed", "<code>" + Html.text(report.seed()) + "</code>"),
                fact("Java", Html.text(report.java())),
                fact("Kit", Html.text(report.kit())));
    }

    private static String fact(String name, String html) {
        return "<div><dt>" + name + "</dt><dd>" + html + "</dd></div>\n";
    }

    private String failures() {
        List<RuleEntry> failed = report.rules().stream()
                .filter(rule -> rule.outcome() == Outcome.FAIL)
                .toList();
        if (failed.isEmpty()) {
            return "";
        }
        return failed.stream()
                .map(rule -> new RuleHtml(report, rule).block())
                .collect(Collectors.joining(
                        "", "<section id=\"failures\"><h2>Failures</h2><ol class=\"rules\">\n", "</ol></section>\n"));
    }

    private List<RuleEntry> of(AreaEntry area) {
        return report.rules().stream()
                .filter(rule -> rule.area().equals(area.id()))
                .toList();
    }

    private List<AreaEntry> checkedAreas() {
        return report.areas().stream().filter(area -> !of(area).isEmpty()).toList();
    }

    private String summary() {
        return checkedAreas().stream()
                        .map(area -> row(
                                "<a href=\"#area-%s\"><b class=\"id\">%s</b> %s</a>"
                                        .formatted(
                                                area.id().toLowerCase(Locale.ROOT), area.id(), Html.text(area.title())),
                                of(area)))
                        .collect(Collectors.joining("", "<tbody>", "</tbody>"))
                + "<tfoot>" + row("all", report.rules()) + "</tfoot>";
    }

    private static String row(String name, List<RuleEntry> rules) {
        String cells = Arrays.stream(Outcome.values())
                .map(outcome -> {
                    long number = count(rules, outcome);
                    return "<td class=\"" + (number == 0 ? "none" : css(outcome)) + "\">" + number + "</td>";
                })
                .collect(Collectors.joining());
        long millis = rules.stream().mapToLong(RuleEntry::millis).sum();
        return "<tr><th scope=\"row\">" + name + "</th>" + cells + "<td class=\"time\">" + time(millis)
                + "</td></tr>\n";
    }

    private String capabilities() {
        return Arrays.stream(Capability.values())
                .map(capability -> {
                    boolean declared = report.capabilities().contains(capability.name());
                    return "<tr><th scope=\"row\"><code>%s</code></th><td class=\"declared\">%s</td><td>%s</td></tr>\n"
                            .formatted(
                                    capability.name().replace("_", "_<wbr>"),
                                    declared ? Html.icon("pass") + "declared" : Html.icon("absent") + "not declared",
                                    chips(capability));
                })
                .collect(Collectors.joining());
    }

    private String chips(Capability capability) {
        return report.rules().stream()
                .filter(rule -> rule.requires().contains(capability.name()))
                .map(rule ->
                        "<a class=\"chip %s\" href=\"#%s\" title=\"%s: %s\">%s%s<span class=\"hidden\"> %s</span></a> "
                                .formatted(
                                        css(rule.outcome()),
                                        RuleHtml.anchor(rule.id()),
                                        rule.outcome(),
                                        Html.text(rule.title()),
                                        Html.icon(css(rule.outcome())),
                                        rule.id(),
                                        rule.outcome()))
                .collect(Collectors.joining());
    }

    private String areas() {
        return checkedAreas().stream().map(this::area).collect(Collectors.joining());
    }

    private String area(AreaEntry area) {
        return of(area).stream()
                .map(rule -> {
                    RuleHtml html = new RuleHtml(report, rule);
                    return rule.outcome() == Outcome.FAIL ? html.reference() : html.block();
                })
                .collect(Collectors.joining(
                        "",
                        "<section class=\"area\" id=\"area-%s\"><h2><span class=\"id\">%s</span> %s</h2><ol class=\"rules\">\n"
                                .formatted(area.id().toLowerCase(Locale.ROOT), area.id(), Html.text(area.title())),
                        "</ol></section>\n"));
    }
}
