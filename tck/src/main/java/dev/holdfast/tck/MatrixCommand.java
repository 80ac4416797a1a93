package dev.holdfast.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./holdfast tck matrix REPORT…}: writes what runs found out as one table, {@code docs/CONFORMANCE.md}. */
@Command(
        name = "matrix",
        mixinStandardHelpOptions = true,
        description = "Writes the support matrix from the report.json of runs.")
final class MatrixCommand implements Callable<Integer> {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Parameters(paramLabel = "REPORT", arity = "1..*", description = "The report.json of a run, or its directory.")
    private List<Path> files = List.of();

    @Option(names = "--out", paramLabel = "FILE", description = "Where the table goes; standard output without it.")
    private Path out = Path.of("");

    @Override
    public Integer call() {
        List<JsonNode> runs = new ArrayList<>();
        for (Path file : files) {
            Path report = Files.isDirectory(file) ? file.resolve("report.json") : file;
            try {
                JsonNode run = MAPPER.readTree(Files.readString(report));
                if (!run.path("schema").asText().equals("holdfast-tck-report")) {
                    return Main.refuse(report + " is no report of the kit");
                }
                runs.add(run);
            } catch (IOException e) {
                return Main.refuse("cannot read " + report + ": " + e.getMessage());
            }
        }
        String text = text(runs);
        try {
            if (out.toString().isEmpty()) {
                System.out.print(text);
            } else {
                Path unused = Files.writeString(out, text);
            }
        } catch (IOException e) {
            return Main.refuse("cannot write " + out + ": " + e.getMessage());
        }
        return 0;
    }

    private static String text(List<JsonNode> runs) {
        StringBuilder text = new StringBuilder("""
                # Conformance of the backends

                <!-- Written by `./holdfast tck matrix`. Do not edit: run the kit and write it again. -->

                What the conformance kit found out about each backend, each in one run against a real store; "not run" where a run
                was for some rules only. The rules are in [tck/SPEC.md](../tck/SPEC.md), and so is what the outcomes mean.

                """);
        text.append("| run | store | date | on Java | took | PASS | FAIL | ABSENT | UNVERIFIED | seed |\n");
        text.append("|---|---|---|---|---|---|---|---|---|---|\n");
        for (int i = 0; i < runs.size(); i++) {
            JsonNode run = runs.get(i);
            JsonNode counts = run.path("counts");
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %.0f s | %d | %d | %d | %d | %s |%n",
                    name(runs, i),
                    run.path("store").asText(),
                    run.path("date").asText().substring(0, 10),
                    run.path("java").asText().replaceAll("[+-].*", ""),
                    run.path("millis").asLong() / 1e3,
                    counts.path("PASS").asLong(),
                    counts.path("FAIL").asLong(),
                    counts.path("ABSENT").asLong(),
                    counts.path("UNVERIFIED").asLong(),
                    run.path("seed").asText()));
        }
        text.append("\n| rule | level | |");
        for (int i = 0; i < runs.size(); i++) {
            text.append(' ').append(name(runs, i)).append(" |");
        }
        text.append("\n|---|---|---|").append("---|".repeat(runs.size())).append('\n');
        for (Rule rule : Rule.values()) {
            text.append(String.format("| [%s](../%s) | %s | %s |", rule, rule.anchor(), rule.level(), rule.title()));
            runs.forEach(run -> text.append(' ').append(outcome(run, rule)).append(" |"));
            text.append('\n');
        }
        return text.toString();
    }

    /** The type, and a number where several runs are of one type. */
    private static String name(List<JsonNode> runs, int index) {
        String type = runs.get(index).path("type").asText();
        long same = runs.stream()
                .filter(run -> run.path("type").asText().equals(type))
                .count();
        long before = runs.subList(0, index).stream()
                .filter(run -> run.path("type").asText().equals(type))
                .count();
        return same == 1 ? type : type + " (" + (before + 1) + ")";
    }

    private static String outcome(JsonNode run, Rule rule) {
        for (JsonNode result : run.path("rules")) {
            if (result.path("id").asText().equals(rule.id())) {
                String outcome = result.path("outcome").asText();
                return outcome.equals("FAIL") || outcome.equals("UNVERIFIED") ? "**" + outcome + "**" : outcome;
            }
        }
        return "not run";
    }
}
