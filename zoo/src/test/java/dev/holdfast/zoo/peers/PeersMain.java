package dev.holdfast.zoo.peers;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.holdfast.tck.Report;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.RuleArea;
import dev.holdfast.tck.RuleResult;
import dev.holdfast.tck.Runs;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The kit on recipes that people use today; {@code ./holdfast peers} calls it. */
@Command(
        name = "holdfast peers",
        mixinStandardHelpOptions = true,
        description = "Runs the rules about locks on recipes of Curator and jetcd, in containers.")
final class PeersMain implements Callable<Integer> {
    private static final Set<RuleArea> AREAS = EnumSet.of(RuleArea.HA, RuleArea.LO, RuleArea.LV);

    @Option(names = "--seed", paramLabel = "N", description = "Makes the random parts come out as in an earlier run.")
    private Long seed;

    @Option(names = "--recipes", paramLabel = "REGEX", description = "Only these of ${COMPLETION-CANDIDATES}.")
    private String recipes = ".*";

    @Option(names = "--rules", paramLabel = "REGEX", description = "Only these rules.")
    private String rules = ".*";

    @Option(names = "--page", paramLabel = "FILE", description = "Writes the findings there, in Markdown.")
    private Path page;

    private PeersMain() {}

    public static void main(String[] args) {
        // The recipes log every fault that the kit makes.
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        System.exit(new CommandLine(new PeersMain()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        List<Rule> chosen = Stream.of(Rule.values())
                .filter(rule -> AREAS.contains(rule.area()) || rule == Rule.FN_01)
                .filter(rule -> rule.id().matches(rules))
                .toList();
        Map<Recipe, Report> reports = new EnumMap<>(Recipe.class);
        for (Recipe recipe : Recipe.values()) {
            if (recipe.name().matches(recipes)) {
                long used = seed == null ? System.nanoTime() : seed;
                Report report = Runs.of(chosen, new PeerHarness(recipe), used, PeersMain::say);
                reports.put(recipe, report);
            }
        }
        String findings = new PeersPage(
                        chosen,
                        reports,
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage())
                .markdown();
        System.out.println(findings);
        if (page != null) {
            Files.writeString(page, findings);
        }
        return 0;
    }

    private static void say(RuleResult result) {
        System.err.printf(
                "%-10s %s %.1f s%n",
                result.outcome(), result.rule(), result.took().toNanos() / 1e9);
    }
}
