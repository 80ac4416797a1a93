package dev.holdfast.zoo;

import dev.holdfast.backend.inmem.InMemHarness;
import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.Report;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.RuleResult;
import dev.holdfast.tck.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The zoo on the command line; {@code ./holdfast zoo} calls it. */
@Command(
        name = "holdfast zoo",
        mixinStandardHelpOptions = true,
        description = "Runs the kit on backends that are broken on purpose, each with the rule that must catch it.",
        footer = {"", "Exit status: 0 every mutant was caught, or every clean run was clean; 1 otherwise."})
final class ZooMain implements Callable<Integer> {
    @Option(names = "--mutants", paramLabel = "REGEX", description = "Only the mutants of this name.")
    private String mutants = ".*";

    @Option(names = "--seed", paramLabel = "N", description = "Makes the random parts come out as in an earlier run.")
    private Long seed;

    @Option(names = "--page", paramLabel = "FILE", description = "Writes the table there, in Markdown.")
    private Path page;

    @Option(
            names = "--clean-runs",
            paramLabel = "N",
            description = "Instead, runs the whole kit on the sound backend so many times; no rule may fail.")
    private int cleanRuns;

    private ZooMain() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new ZooMain()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        return cleanRuns > 0 ? runClean() : visit();
    }

    private int visit() throws InterruptedException, IOException {
        List<Class<?>> chosen = Zoo.mutants().stream()
                .filter(mutant -> mutant.getSimpleName().matches(mutants))
                .toList();
        if (chosen.isEmpty()) {
            System.err.println("no mutant's whole name matches '" + mutants + "'; to name several: One|Another");
            return 1;
        }
        List<Sighting> seen = new Zoo(seed == null ? System.nanoTime() : seed).visit(chosen);
        ZooTable table = new ZooTable(seen);
        System.out.println(table.text());
        if (page != null) {
            Files.writeString(page, table.markdown());
        }
        List<Sighting> missed =
                seen.stream().filter(each -> !each.problem().isEmpty()).toList();
        seen.stream()
                .filter(each -> !each.doubt().isEmpty())
                .forEach(each -> System.err.println(each.mutant().getSimpleName() + ": " + each.doubt()));
        missed.forEach(each -> System.err.println(each.mutant().getSimpleName() + ": " + each.problem()));
        return missed.isEmpty() ? 0 : 1;
    }

    private int runClean() {
        int failed = 0;
        for (int run = 1; run <= cleanRuns; run++) {
            Report report = Runs.of(
                    List.of(Rule.values()),
                    new InMemHarness(),
                    seed == null ? System.nanoTime() : seed + run - 1,
                    result -> {});
            System.out.printf(
                    Locale.ROOT,
                    "run %d of %d: %d passed, %d failed, %d not verified, %.0f s, seed %d%s%n",
                    run,
                    cleanRuns,
                    report.count(Outcome.PASS),
                    report.count(Outcome.FAIL),
                    report.count(Outcome.UNVERIFIED),
                    report.took().toNanos() / 1e9,
                    report.seed(),
                    ids(report, Outcome.UNVERIFIED));
            report.results().stream()
                    .filter(result -> result.outcome() == Outcome.FAIL)
                    .map(RuleResult::detail)
                    .forEach(System.out::println);
            failed += report.passed() ? 0 : 1;
        }
        System.out.printf("%d of %d runs without a failure%n", cleanRuns - failed, cleanRuns);
        return failed == 0 ? 0 : 1;
    }

    private static String ids(Report report, Outcome outcome) {
        return report.results().stream()
                .filter(result -> result.outcome() == outcome)
                .map(result -> result.rule().id())
                .collect(Collectors.joining(" ", " (not verified: ", ")"));
    }
}
