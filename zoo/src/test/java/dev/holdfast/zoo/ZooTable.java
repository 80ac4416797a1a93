package dev.holdfast.zoo;

import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Runs;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Rule by mutant: what the kit saw, and how long it took. */
record ZooTable(List<Sighting> seen) {
    /** Rules that could have a mutant and have none. */
    static List<Rule> withoutMutant() {
        List<Rule> caught = Zoo.mutants().stream().map(Zoo::rule).toList();
        return Stream.of(Rule.values())
                .filter(rule -> Runs.hasCheck(rule) && !caught.contains(rule))
                .toList();
    }

    /** For the console. */
    String text() {
        StringBuilder text = new StringBuilder(
                String.format("%-6s %-30s %-10s %6s  %s%n", "rule", "mutant", "kit says", "time", "observed"));
        for (Sighting each : seen) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-6s %-30s %-10s %4.1f s  %s%n",
                    Zoo.rule(each.mutant()),
                    each.mutant().getSimpleName(),
                    each.verdict(),
                    each.broken().took().toNanos() / 1e9,
                    each.headline()));
        }
        return text + summary() + "\n";
    }

    /** For a page. */
    String markdown() {
        StringBuilder text = new StringBuilder("""
                # The zoo

                Each mutant is a backend with one fault. The kit runs the rule that the mutant was made for; it must fail,
                name the rule and the cause, and observe the fault; on the same class without the fault it must pass.
                `./holdfast zoo` does it, and makes this page with `--page docs/ZOO.md`; the tests do it in every build.

                | rule | mutant | its one fault | the kit says | time | first line of what was observed |
                |---|---|---|---|---|---|
                """);
        for (Sighting each : seen) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %.1f s | %s |%n",
                    Zoo.rule(each.mutant()),
                    each.mutant().getSimpleName(),
                    each.made().fault(),
                    each.verdict(),
                    each.broken().took().toNanos() / 1e9,
                    each.headline().replace("|", "\\|")));
        }
        text.append("\n").append(summary()).append(".\n");
        return text.toString();
    }

    private String summary() {
        long caught =
                seen.stream().filter(each -> each.verdict().equals("caught")).count();
        return caught + " of " + seen.size() + " mutants caught by the rule they were made for";
    }
}
