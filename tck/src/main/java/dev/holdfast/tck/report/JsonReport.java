package dev.holdfast.tck.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.tck.CheckResult;
import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.Report;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.RuleArea;
import dev.holdfast.tck.RuleResult;
import java.io.UncheckedIOException;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A run as JSON, in the schema that {@code tck/REPORT.md} describes: the records below, field by field. */
record JsonReport(
        String schema,
        int version,
        String date,
        String type,
        String backend,
        String store,
        List<String> capabilities,
        String seed,
        String java,
        String kit,
        long millis,
        Conformance conformance,
        Map<Outcome, Long> counts,
        List<AreaEntry> areas,
        List<RuleEntry> rules) {
    static final String SCHEMA = "holdfast-tck-report";
    static final int VERSION = 1;

    /** Beyond it a text says nothing more to a person. */
    private static final int LONGEST_TEXT = 16_000;

    /** So many leases, requests and faults in all timelines keep the file below 2 MB. */
    private static final int MOST_DRAWN = 7_000;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    record AreaEntry(String id, String title) {}

    record RuleEntry(
            String id,
            String area,
            Rule.Level level,
            String title,
            String requirement,
            String appliesTo,
            List<String> requires,
            String anchor,
            List<String> hints,
            Outcome outcome,
            String detail,
            long millis,
            List<CheckEntry> checks) {}

    record CheckEntry(
            String name, Outcome outcome, String detail, long millis, List<Timeline> timelines, int timelinesLeft) {}

    static JsonReport of(Report report) {
        Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
        Arrays.stream(Outcome.values()).forEach(outcome -> counts.put(outcome, report.count(outcome)));
        IdentityHashMap<Timeline, Boolean> drawn = drawn(report);
        return new JsonReport(
                SCHEMA,
                VERSION,
                report.began().truncatedTo(ChronoUnit.SECONDS).toString(),
                report.type(),
                report.backend(),
                report.store(),
                report.capabilities().stream().sorted().map(Enum::name).toList(),
                String.valueOf(report.seed()),
                Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
                KitVersion.text(),
                report.took().toMillis(),
                Conformance.of(report),
                counts,
                Arrays.stream(RuleArea.values())
                        .map(area -> new AreaEntry(area.name(), area.title()))
                        .toList(),
                report.results().stream().map(result -> rule(result, drawn)).toList());
    }

    /** The timelines that there is room for, those of failed rules first. */
    private static IdentityHashMap<Timeline, Boolean> drawn(Report report) {
        List<Timeline> all = report.results().stream()
                .sorted(Comparator.comparing(result -> result.outcome() != Outcome.FAIL))
                .flatMap(result -> result.checks().stream())
                .flatMap(check -> check.timelines().stream())
                .toList();
        IdentityHashMap<Timeline, Boolean> chosen = new IdentityHashMap<>();
        int room = MOST_DRAWN;
        for (Timeline timeline : all) {
            room -= timeline.holds().size()
                    + timeline.attempts().size()
                    + timeline.faults().size();
            if (room >= 0) {
                chosen.put(timeline, true);
            }
        }
        return chosen;
    }

    private static RuleEntry rule(RuleResult result, IdentityHashMap<Timeline, Boolean> drawn) {
        Rule rule = result.rule();
        return new RuleEntry(
                rule.id(),
                rule.area().name(),
                rule.level(),
                rule.title(),
                rule.requirement(),
                rule.appliesTo(),
                rule.requires().stream().sorted().map(Enum::name).toList(),
                rule.anchor(),
                rule.hints(),
                result.outcome(),
                shortened(result.detail()),
                result.took().toMillis(),
                result.checks().stream().map(check -> check(check, drawn)).toList());
    }

    private static CheckEntry check(CheckResult check, IdentityHashMap<Timeline, Boolean> drawn) {
        List<Timeline> timelines =
                check.timelines().stream().filter(drawn::containsKey).toList();
        return new CheckEntry(
                check.name(),
                check.outcome(),
                shortened(check.detail()),
                check.took().toMillis(),
                timelines,
                check.timelines().size() - timelines.size());
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_TEXT
                ? text
                : text.substring(0, LONGEST_TEXT) + "\n… and " + (text.length() - LONGEST_TEXT) + " more characters";
    }

    String text() {
        try {
            return MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
