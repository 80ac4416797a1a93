package dev.holdfast.tck.report;

import static dev.holdfast.tck.report.Html.count;
import static dev.holdfast.tck.report.Html.css;
import static dev.holdfast.tck.report.Html.prose;
import static dev.holdfast.tck.report.Html.text;
import static dev.holdfast.tck.report.Html.time;
import static dev.holdfast.tck.report.Html.words;

import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.report.JsonReport.CheckEntry;
import dev.holdfast.tck.report.JsonReport.RuleEntry;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One rule: a line that says how it ended, and behind it all that is known. */
final class RuleHtml {
    private static final String DRAWN = Html.icon("timeline") + "<span class=\"hidden\">, with timeline</span>";

    private final JsonReport report;
    private final RuleEntry rule;

    RuleHtml(JsonReport report, RuleEntry rule) {
        this.report = report;
        this.rule = rule;
    }

    static String anchor(String id) {
        return id.toLowerCase(Locale.ROOT);
    }

    /** The whole rule, to be opened; a failed one is open. */
    String block() {
        return """
                <li class="rule %s" id="%s"><details%s>
                <summary>%s</summary>
                <div class="inside">
                <p class="requirement">%s</p>
                %s%s
                <p class="fine">Binds %s. <code>%s</code></p>
                </div></details></li>
                """.formatted(
                        css(rule.outcome()),
                        anchor(rule.id()),
                        rule.outcome() == Outcome.FAIL ? " open" : "",
                        line(),
                        prose(rule.requirement()),
                        rule.outcome() == Outcome.FAIL ? failure() : "",
                        checks(),
                        text(rule.appliesTo()),
                        text(rule.anchor()));
    }

    /** Only the line, for a rule that stands in full elsewhere on the page. */
    String reference() {
        return "<li class=\"rule %s\"><a class=\"line\" href=\"#%s\">%s</a></li>\n"
                .formatted(css(rule.outcome()), anchor(rule.id()), line());
    }

    private String line() {
        boolean drawn = rule.checks().stream().anyMatch(RuleHtml::isDrawn);
        return """
                %s<span class="id">%s</span><span class="name">%s%s%s</span>\
                <span class="level">%s</span><span class="time">%s</span>""".formatted(
                        Html.badge(rule.outcome()),
                        rule.id(),
                        text(rule.title()),
                        drawn ? DRAWN : "",
                        reason(),
                        rule.level(),
                        time(rule.millis()));
    }

    private String reason() {
        boolean known = rule.outcome() != Outcome.FAIL && !rule.detail().isEmpty();
        return known ? "<span class=\"fine\">" + text(rule.detail()) + "</span>" : "";
    }

    private String failure() {
        StringBuilder html = new StringBuilder();
        for (int i = 0; i < rule.checks().size(); i++) {
            CheckEntry check = rule.checks().get(i);
            if (check.outcome() == Outcome.FAIL) {
                html.append("<h4>Observed <span class=\"fine\">by <code>")
                        .append(text(check.name()))
                        .append("</code></span></h4><pre class=\"observed\">")
                        .append(text(check.detail().strip()))
                        .append("</pre>\n")
                        .append(timelines(i));
            }
        }
        html.append("<h4>Run it again</h4><pre>./holdfast tck ")
                .append(text(report.type()))
                .append(" --rules ")
                .append(rule.id())
                .append(" --seed ")
                .append(text(report.seed()))
                .append("</pre>\n<h4>Likely causes</h4><ul class=\"hints\">");
        rule.hints().forEach(hint -> html.append("<li>").append(prose(hint)).append("</li>"));
        return html.append("</ul><details class=\"full\"><summary>The whole message</summary><pre>")
                .append(text(rule.detail().strip()))
                .append("</pre></details>")
                .toString();
    }

    /** Each with its timelines behind it, unless they stand with its failure. */
    private String checks() {
        if (rule.checks().isEmpty()) {
            return "";
        }
        boolean open = rule.outcome() != Outcome.FAIL
                && rule.checks().stream().filter(RuleHtml::isDrawn).count() == 1;
        return IntStream.range(0, rule.checks().size())
                .mapToObj(i -> check(i, open))
                .collect(Collectors.joining("", "<ul class=\"checks\">", "</ul>"));
    }

    private String check(int number, boolean open) {
        CheckEntry check = rule.checks().get(number);
        boolean explained = check.outcome() == Outcome.UNVERIFIED || check.outcome() == Outcome.ABSENT;
        boolean drawn = isDrawn(check) && check.outcome() != Outcome.FAIL;
        String line = "%s<span class=\"name\" title=\"%s\">%s%s%s</span><span class=\"time\">%s</span>"
                .formatted(
                        Html.badge(check.outcome()),
                        text(check.name()),
                        words(check.name()),
                        drawn ? DRAWN : "",
                        explained ? "<span class=\"fine\">" + text(check.detail()) + "</span>" : "",
                        time(check.millis()));
        return drawn
                ? "<li><details%s><summary>%s</summary>%s</details></li>"
                        .formatted(open ? " open" : "", line, timelines(number))
                : "<li><div>" + line + "</div></li>";
    }

    private static boolean isDrawn(CheckEntry check) {
        return !check.timelines().isEmpty();
    }

    private String timelines(int number) {
        CheckEntry check = rule.checks().get(number);
        StringBuilder html = new StringBuilder();
        List<Timeline> timelines = check.timelines();
        for (int i = 0; i < timelines.size(); i++) {
            html.append("""
                    <figure class="timeline" data-rule="%s" data-check="%d" data-timeline="%d">
                    <figcaption>%s</figcaption>
                    <noscript><p class="fine">A script of this page draws the timeline; its numbers are in report.json.</p></noscript>
                    </figure>
                    """.formatted(rule.id(), number, i, caption(timelines.get(i))));
        }
        if (check.timelinesLeft() > 0) {
            html.append("<p class=\"fine\">There was no room for ")
                    .append(count(check.timelinesLeft(), "more timeline"))
                    .append("; a run with <code>--rules ")
                    .append(rule.id())
                    .append("</code> has it.</p>");
        }
        return html.toString();
    }

    private static String caption(Timeline timeline) {
        Timeline.Left left = timeline.left();
        String counts = String.join(
                " · ",
                count(timeline.lanes().size() + left.lanes(), "lane"),
                count(timeline.holds().size() + left.holds(), "lease"),
                count(timeline.faults().size() + left.faults(), "fault"));
        return counts + violations(timeline);
    }

    private static String violations(Timeline timeline) {
        int overlaps = (int) timeline.violations().stream()
                .filter(violation -> violation.kind() == Timeline.Violation.Kind.OVERLAP)
                .count();
        int late = timeline.violations().size() - overlaps;
        int left = timeline.left().violations();
        return (overlaps == 0 ? "" : " · <strong>" + count(overlaps, "overlap") + "</strong>")
                + (late == 0 ? "" : " · <strong>" + late + (late == 1 ? " late loss" : " late losses") + "</strong>")
                + (left == 0 ? "" : " and " + left + " more");
    }
}
