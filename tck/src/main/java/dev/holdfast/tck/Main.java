package dev.holdfast.tck;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.tck.report.ReportFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The kit on the command line; {@code ./holdfast tck} calls it. */
@Command(
        name = "holdfast tck",
        mixinStandardHelpOptions = true,
        subcommands = {AllCommand.class, CheckCommand.class, MatrixCommand.class, PairsCommand.class},
        description = "Checks a backend against the rules of tck/SPEC.md.",
        footer = {
            "",
            "Without -o the backend's own harness brings a store up; with -o the store must be there already.",
            "Exit status: 0 every checked rule passed, 1 a rule failed or none was checked, 2 nothing could be run."
        })
public final class Main implements Callable<Integer> {
    /** Short timings, so that expiry and deadlines can be waited for; used where the user gave none. */
    private static final Map<String, String> TIMINGS = Map.of("lock_ttl", "2s", "request_timeout", "2s");

    @Parameters(
            paramLabel = "TYPE",
            arity = "0..1",
            description = "The backend's type, such as inmem or etcd; or the name of a harness.")
    private String type = "";

    @Option(names = "-o", paramLabel = "KEY=VALUE", description = "An option of the backend; may be repeated.")
    private Map<String, String> options = new HashMap<>();

    @Option(names = "--rules", paramLabel = "IDS", description = "Only these rules or areas, such as HA-01,LS,KV-0*.")
    private String rules = "";

    @Option(names = "--seed", paramLabel = "N", description = "Makes the random parts come out as in an earlier run.")
    private @Nullable Long seed;

    @Option(names = "--servers", paramLabel = "N", description = "Starts a store of so many servers; without -o.")
    private int servers = 1;

    @Option(
            names = "--ha-storage",
            paramLabel = "TYPE",
            description = "Checks the pair of this TYPE's store for the lock, brought up as well, and the other one for"
                    + " data: rules SP-01 to SP-05.")
    private String haStorage = "";

    @Option(
            names = "--soak",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "Repeats the rules about locks for so long, such as 30m, each round with a seed of its own.")
    private @Nullable Duration soak;

    @Option(
            names = "--margin",
            paramLabel = "TIME",
            converter = DurationText.class,
            description =
                    "Fails a soak in which a holder was told of its loss less than this, such as 50ms, before a rival"
                            + " won.")
    private @Nullable Duration margin;

    @Option(
            names = "--page",
            paramLabel = "FILE",
            description = "Where a soak writes what it counted, into the section of its store; such as docs/SOAK.md.")
    private @Nullable Path page;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Where report.html, report.json and JUnit XML go; target/holdfast-tck/TYPE without it.")
    private @Nullable Path directory;

    @Option(
            names = "--options",
            paramLabel = "PAGE",
            arity = "0..1",
            fallbackValue = "",
            description =
                    "Prints the backend's options as a table and does nothing else; with a PAGE, renews it there.")
    private @Nullable Path optionsPage;

    private Main() {}

    /** Runs the kit and exits. */
    public static void main(String[] args) {
        // Client libraries that log through the JDK's own logging say a lot at INFO.
        Logger.getLogger("").setLevel(Level.WARNING);
        System.exit(run(args));
    }

    /** As {@link #main}, but returns the exit status. */
    static int run(String... args) {
        return new CommandLine(new Main()).execute(args);
    }

    @Override
    public Integer call() {
        return optionsPage == null ? check() : showOptions(optionsPage);
    }

    private int showOptions(Path page) {
        try {
            OptionsTable table = OptionsTable.of(type);
            if (page.toString().isEmpty()) {
                System.out.print(table);
            } else {
                table.writeInto(page);
            }
            return 0;
        } catch (IllegalArgumentException | AssertionError e) {
            return refuse(e.getMessage());
        } catch (IOException | UncheckedIOException e) {
            return refuse("the page cannot be read or written: " + e);
        }
    }

    private int check() {
        List<Rule> chosen;
        Harness harness;
        ReportFiles files;
        try {
            if (type.isEmpty()) {
                return refuse("which backend? There are: "
                        + String.join(", ", Backends.load().types()) + "; --help says more");
            }
            chosen = rules();
            harness = haStorage.isEmpty() ? harness() : new PairHarness(harness(), own(haStorage));
            files = ReportFiles.in(directory == null ? ReportFiles.usual(harness.name()) : directory);
        } catch (IllegalArgumentException | UnverifiedException e) {
            return refuse(e.getMessage());
        } catch (UncheckedIOException e) {
            return refuse("the report has no place to go, give one with --report: " + e.getCause());
        }
        System.out.println("testing " + type + ": " + chosen.size() + (chosen.size() == 1 ? " rule" : " rules"));
        try (Console console = Console.ofTerminal();
                Kit kit = console.open(harness, seed)) {
            if (soak == null) {
                return tell(kit.run(chosen, console), files);
            }
            Soak repeated = new Soak(kit, chosen, page, margin);
            int status = tell(repeated.run(soak, console.withoutLines()), files);
            if (!repeated.keptMargin()) {
                System.out.println("margins  narrower than was asked for, so the soak has failed");
                return 1;
            }
            return status;
        } catch (ConfigException | BackendException | StoreException e) {
            return refuse(e.getMessage());
        }
    }

    private static int tell(Report report, ReportFiles files) {
        System.out.println(Summary.table(report));
        System.out.println(files.write(report));
        return report.passed() ? 0 : 1;
    }

    /** The durations that options of backends have: {@code 50ms}, {@code 90s}, {@code 30m}. */
    static final class DurationText implements ITypeConverter<Duration> {
        private static final Pattern TEXT = Pattern.compile("(\\d{1,6})(ms|s|m|h)");

        @Override
        public Duration convert(String text) {
            Matcher parts = TEXT.matcher(text);
            if (!parts.matches()) {
                throw new TypeConversionException("'" + text + "' is no time; write 90s, 30m or 2h");
            }
            long number = Long.parseLong(parts.group(1));
            return switch (parts.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
        }
    }

    private List<Rule> rules() {
        if (margin != null && soak == null) {
            throw new IllegalArgumentException("--margin is what a soak asks for: give --soak as well");
        }
        if (haStorage.isEmpty()) {
            return soak == null ? RuleFilter.parse(rules) : Soak.of(RuleFilter.parse(rules));
        }
        List<Rule> wanted = rules.isEmpty() ? PairHarness.RULES : RuleFilter.parse(rules);
        if (soak != null || !PairHarness.RULES.containsAll(wanted)) {
            throw new IllegalArgumentException("--ha-storage is for the rules SP-01 to SP-05, and goes without --soak");
        }
        return wanted;
    }

    /** The harness of this name, which brings a store up; the name is a type, as a rule. */
    static Harness own(String name) {
        return find(name).orElseThrow(() -> {
            BackendProvider provider = Backends.load().provider(name);
            return new IllegalArgumentException("the class path has no harness for '" + provider.type()
                    + "', which brings its store up: add that backend's test classes with --classpath");
        });
    }

    private static Optional<Harness> find(String name) {
        return ServiceLoader.load(Harness.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(harness -> harness.name().equals(name))
                .findFirst();
    }

    private Harness harness() {
        Optional<Harness> own = options.isEmpty() ? find(type) : Optional.empty();
        if (own.isPresent()) {
            return servers == 1 ? own.get() : own.get().withServers(servers);
        }
        BackendProvider provider = Backends.load().provider(type);
        if (servers != 1) {
            throw new IllegalArgumentException("--servers is for a store that the kit starts itself: leave -o out");
        }
        Map<String, String> all = new HashMap<>(options);
        TIMINGS.forEach((name, value) -> {
            if (provider.options().find(name).isPresent()) {
                all.putIfAbsent(name, value);
            }
        });
        var unused = Backends.load().configure(type, all);
        return Harness.of(type, all);
    }

    static int refuse(@Nullable String message) {
        System.err.println("holdfast tck: " + message);
        return 2;
    }
}
