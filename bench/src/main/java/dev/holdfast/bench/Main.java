package dev.holdfast.bench;

import dev.holdfast.bench.report.BenchReport;
import dev.holdfast.bench.report.Machine;
import dev.holdfast.bench.report.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The benchmarks on the command line; {@code ./holdfast bench} calls it. */
@Command(
        name = "holdfast bench",
        mixinStandardHelpOptions = true,
        description =
                "Measures backends beside the raw clients of their stores and beside locks that people use today.",
        footer = {
            "",
            "Stores are brought up in containers. Figures are as good as the machine is quiet: the report tells its load.",
            "Exit status: 0 everything was measured, whatever came out; 1 something could not be; 2 nothing could be run."
        })
public final class Main implements Callable<Integer> {
    private static final List<String> TYPES = List.of("inmem", "etcd", "zookeeper", "s3");

    @Parameters(paramLabel = "TYPE", arity = "0..*", description = "inmem, etcd, zookeeper, s3; all of them without.")
    private List<String> types = new ArrayList<>();

    @Option(names = "--quick", description = "In a minute or two each: whether a ratio has gone far off, no more.")
    private boolean quick;

    @Option(names = "--smoke", hidden = true, description = "One of everything: whether it runs at all.")
    private boolean smoke;

    @Option(
            names = "--only",
            paramLabel = "REGEX",
            description = "Only measures whose id has this in it, such as /get.")
    private String only = "";

    @Option(names = "--seed", paramLabel = "N", description = "Makes the random parts come out as in an earlier run.")
    private @Nullable Long seed;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Where bench.html and bench.json go; target/holdfast-bench without it.")
    private Path directory = Path.of("target", "holdfast-bench");

    @Option(names = "--page", paramLabel = "FILE", description = "Writes the table there as well, in Markdown.")
    private @Nullable Path page;

    private Main() {}

    /** Measures and exits. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** As {@link #main}, but returns the exit status. */
    static int run(String... args) {
        Jvm.quiet();
        return new CommandLine(new Main()).execute(args);
    }

    @Override
    public Integer call() throws Exception {
        List<String> unknown =
                types.stream().filter(type -> !TYPES.contains(type)).toList();
        if (!unknown.isEmpty()) {
            return refuse("unknown backend '" + unknown.get(0) + "'; there are: " + String.join(", ", TYPES));
        }
        Pattern wanted;
        try {
            wanted = Pattern.compile(only);
        } catch (PatternSyntaxException e) {
            return refuse("--only is no regular expression: " + e.getDescription());
        }
        Bench.Length length = smoke ? Bench.Length.SMOKE : quick ? Bench.Length.QUICK : Bench.Length.WHOLE;
        long chosen = seed == null ? System.nanoTime() : seed;
        Bench bench = new Bench(length, wanted, chosen, System.out);
        Instant date = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        double load = Machine.load();
        long began = System.nanoTime();
        List<String> stores = new ArrayList<>();
        Path where = directory.toAbsolutePath().normalize();
        BenchReport report = null;
        for (String type : types.isEmpty() ? TYPES : new LinkedHashSet<>(types)) {
            Suites.run(type, bench, stores);
            report = new BenchReport(
                    BenchReport.SCHEMA,
                    BenchReport.VERSION,
                    date.toString(),
                    bench.quick(),
                    String.valueOf(chosen),
                    (System.nanoTime() - began) / 1_000_000,
                    Machine.here(),
                    load,
                    Machine.load(),
                    stores,
                    bench.measures(),
                    bench.growths(),
                    bench.failures());
            if (bench.hasResults()) {
                report.write(where); // what there is, should the next store not be waited for
            }
        }
        if (report == null || !bench.hasResults()) {
            return refuse("nothing was measured: no measure has '" + only + "' in its id");
        }
        System.out.println("\n" + Table.text(report));
        System.out.println("report   " + where.resolve(BenchReport.PAGE));
        if (page != null) {
            Files.writeString(page, Table.markdown(report));
        }
        return report.failures().isEmpty() ? 0 : 1;
    }

    private static int refuse(String message) {
        System.err.println("holdfast bench: " + message);
        return 2;
    }
}
