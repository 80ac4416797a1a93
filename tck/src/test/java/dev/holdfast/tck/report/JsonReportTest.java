package dev.holdfast.tck.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.Report;
import dev.holdfast.tck.Rule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What programs read. */
class JsonReportTest {
    private static JsonNode json(Report report) throws Exception {
        return new ObjectMapper().readTree(JsonReport.of(report).text());
    }

    @Test
    void saysWhatItIsAndWhatWasTested() throws Exception {
        JsonNode json = json(Samples.failing());
        assertThat(json.get("schema").asText()).isEqualTo("holdfast-tck-report");
        assertThat(json.get("version").asInt()).isEqualTo(1);
        assertThat(json.get("date").asText()).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(json.get("type").asText()).isEqualTo("sample");
        assertThat(json.get("store").asText()).isEqualTo("Sample Store 3.4.23 in 3 containers");
        assertThat(json.get("seed").asText())
                .as("a text, since many readers round numbers")
                .isEqualTo("-9223372036854775808");
        assertThat(json.get("capabilities"))
                .extracting(JsonNode::asText)
                .contains("LOCKS")
                .doesNotContain("TRANSACTIONS");
        assertThat(json.get("millis").asLong()).isEqualTo(83_210);
        assertThat(json.get("counts").toString()).isEqualTo("{\"PASS\":52,\"FAIL\":2,\"ABSENT\":1,\"UNVERIFIED\":2}");
        assertThat(json.get("rules")).hasSize(Rule.values().length);
    }

    @Test
    void hasEveryCheckAndTimelineOfARule() throws Exception {
        JsonNode rule = null;
        for (JsonNode each : json(Samples.failing()).get("rules")) {
            rule = each.get("id").asText().equals("HA-01") ? each : rule;
        }
        assertThat(rule.get("outcome").asText()).isEqualTo("FAIL");
        assertThat(rule.get("level").asText()).isEqualTo("MUST");
        assertThat(rule.get("area").asText()).isEqualTo("HA");
        assertThat(rule.get("anchor").asText()).isEqualTo("tck/SPEC.md#ha-01");
        assertThat(rule.get("hints")).isNotEmpty();
        assertThat(rule.get("checks")).hasSize(2);
        JsonNode check = rule.get("checks").get(1);
        assertThat(check.get("detail").asText()).startsWith("two contenders held lock");
        JsonNode timeline = check.get("timelines").get(0);
        assertThat(timeline.get("lanes"))
                .extracting(lane -> lane.get("contender").asText())
                .containsExactly("node-1", "node-2", "node-3", "witness");
        assertThat(timeline.get("violations").toString())
                .isEqualTo("[{\"kind\":\"OVERLAP\",\"lock\":\"core/lock\",\"firstLane\":0,\"secondLane\":2,"
                        + "\"from\":1520700000,\"to\":1655400000}]");
        assertThat(timeline.get("holds").get(2).get("lost").asLong()).isEqualTo(1_656_000_000);
        assertThat(timeline.get("holds").get(2).has("released"))
                .as("what was not seen is left out")
                .isFalse();
    }

    @Test
    void saysWhetherConformanceWasShown() throws Exception {
        assertThat(json(Samples.failing()).get("conformance").toString())
                .isEqualTo("{\"answer\":\"FAILED\",\"sentence\":\"Does not conform: 2 of 54 checked rules failed.\"}");
        assertThat(json(Samples.passing()).get("conformance").get("answer").asText())
                .isEqualTo("CONFORMS");
        assertThat(conformance(Samples.rule(Rule.KV_01, Outcome.PASS, "")))
                .isEqualTo("No violation seen, but conformance is not shown: 56 were not part of this run.");
        assertThat(conformance(Samples.rule(Rule.KV_01, Outcome.UNVERIFIED, "cannot")))
                .isEqualTo("No rule was checked.");
        assertThat(conformance(
                        Samples.rule(Rule.LV_03, Outcome.FAIL, "herd"),
                        Samples.rule(Rule.KV_01, Outcome.UNVERIFIED, "cannot")))
                .isEqualTo(
                        "No violation seen, but conformance is not shown: 1 that MUST be kept could not be verified, "
                                + "55 were not part of this run. Departs from LV-03, which SHOULD be kept.");
    }

    private static String conformance(dev.holdfast.tck.RuleResult... results) {
        return JsonReport.of(Samples.report(List.of(results))).conformance().sentence();
    }

    /** Every rule with more to draw than there is room for, and one that failed with an endless text. */
    @Test
    void staysBelowTwoMegabytesAndKeepsTheTimelinesOfFailedRulesFirst() throws Exception {
        String text = "x".repeat(100_000);
        Timeline timeline = Samples.handOffs(5_000, 1);
        Report report = Samples.report(Arrays.stream(Rule.values())
                .map(rule -> {
                    boolean failed = rule == Rule.LV_04;
                    return Samples.rule(
                            rule,
                            failed ? Outcome.FAIL : Outcome.PASS,
                            failed ? text : "",
                            Samples.check("a", failed ? Outcome.FAIL : Outcome.PASS, failed ? text : "", timeline),
                            Samples.check(
                                    "b", Outcome.PASS, "", Samples.handOffs(5_000, 2), Samples.handOffs(5_000, 3)));
                })
                .toList());
        JsonReport json = JsonReport.of(report);
        assertThat(json.text().getBytes(StandardCharsets.UTF_8).length).isLessThan(2_000_000);
        for (JsonReport.RuleEntry rule : json.rules()) {
            int left = rule.checks().stream()
                    .mapToInt(JsonReport.CheckEntry::timelinesLeft)
                    .sum();
            int drawn = rule.checks().stream()
                    .mapToInt(check -> check.timelines().size())
                    .sum();
            assertThat(left + drawn).isEqualTo(3);
            if (rule.id().equals("LV-04")) {
                assertThat(left)
                        .as("timelines of the failed rule that were left out")
                        .isZero();
                assertThat(rule.detail()).hasSizeLessThan(20_000).endsWith("84000 more characters");
            }
        }
    }

    /** The documentation and the schema cannot drift apart. */
    @Test
    void isDescribedFieldByField() throws Exception {
        Path file = Path.of("REPORT.md");
        String described =
                Files.readString(Files.exists(file) ? file : Path.of("tck").resolve(file));
        assertThat(described).contains("`version` is " + JsonReport.VERSION);
        Set<String> names = new TreeSet<>();
        collect(json(Samples.failing()), names);
        assertThat(names)
                .hasSizeGreaterThan(50)
                .allSatisfy(name -> assertThat(described).contains("| `" + name + "` |"));
    }

    private static void collect(JsonNode node, Set<String> names) {
        node.fieldNames().forEachRemaining(name -> {
            if (!name.equals("counts")) {
                collect(node.get(name), names);
            }
            names.add(name);
        });
        if (node.isArray()) {
            node.forEach(each -> collect(each, names));
        }
    }
}
