package dev.holdfast.tck;

import dev.holdfast.spi.BackendException;
import dev.holdfast.tck.report.ReportFiles;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code ./holdfast tck all}: every backend in one JVM that has all of them and all of their drivers on its class path, so
 * that what one of them leaves behind, or brings along, meets the others.
 */
@Command(
        name = "all",
        mixinStandardHelpOptions = true,
        description = "Checks every backend, one after the other in one JVM with all of them on its class path.")
final class AllCommand implements Callable<Integer> {
    private static final String NAME = "all";

    @Parameters(
            paramLabel = "TYPE",
            description = "Only these, such as etcd s3; inmem, etcd, zookeeper and s3 without.")
    private List<String> types = new ArrayList<>();

    @Option(names = "--rules", paramLabel = "IDS", description = "Only these rules or areas, such as HA-01,LS,KV-0*.")
    private String rules = "";

    @Option(names = "--seed", paramLabel = "N", description = "Makes the random parts come out as in an earlier run.")
    private @Nullable Long seed;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description =
                    "Where each backend's report goes, in a directory of its own; target/holdfast-tck/all without.")
    private @Nullable Path directory;

    @Override
    public Integer call() {
        List<Report> reports = new ArrayList<>();
        try {
            List<Rule> chosen = RuleFilter.parse(rules);
            for (Harness harness : harnesses()) {
                reports.add(check(harness, chosen));
            }
        } catch (IllegalArgumentException | UnverifiedException | BackendException | StoreException e) {
            return Main.refuse(e.getMessage());
        } catch (UncheckedIOException e) {
            return Main.refuse("the reports have no place to go, give one with --report: " + e.getCause());
        }
        System.out.printf("%nin one JVM:%n");
        reports.forEach(report -> System.out.printf("%-12s %s%n", report.type(), Summary.result(report)));
        return reports.stream().allMatch(Report::passed) ? 0 : 1;
    }

    /** All of them before the first is started: what is missing is said at once. */
    private List<Harness> harnesses() {
        return (types.isEmpty() ? PairsCommand.TYPES : types)
                .stream().map(Main::own).toList();
    }

    private Report check(Harness harness, List<Rule> chosen) {
        ReportFiles files =
                ReportFiles.in((directory == null ? ReportFiles.usual(NAME) : directory).resolve(harness.name()));
        System.out.println("testing " + harness.name() + ": " + chosen.size() + " rules");
        try (Console console = Console.ofTerminal();
                Kit kit = console.open(harness, seed)) {
            Report report = kit.run(chosen, console);
            System.out.println(Summary.table(report));
            System.out.println(files.write(report));
            return report;
        }
    }
}
