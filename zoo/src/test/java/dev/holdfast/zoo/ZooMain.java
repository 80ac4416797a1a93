package dev.holdfast.zoo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The zoo on the command line; {@code ./holdfast zoo} calls it. */
@Command(name = "holdfast zoo", mixinStandardHelpOptions = true, description = "Runs the kit on broken backends.")
final class ZooMain implements Callable<Integer> {
    @Option(names = "--mutants", paramLabel = "REGEX", description = "Only the mutants of this name.")
    private String mutants = ".*";

    @Option(names = "--seed", paramLabel = "N", description = "Makes the random parts come out as in an earlier run.")
    private Long seed;

    @Option(names = "--page", paramLabel = "FILE", description = "Writes the table there, in Markdown.")
    private Path page;

    public static void main(String[] args) {
        System.exit(new CommandLine(new ZooMain()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<Class<?>> chosen = Zoo.mutants().stream()
                .filter(mutant -> mutant.getSimpleName().matches(mutants))
                .toList();
        List<Sighting> seen = new Zoo(seed == null ? System.nanoTime() : seed).visit(chosen);
        ZooTable table = new ZooTable(seen);
        System.out.println(table.text());
        if (page != null) {
            Files.writeString(page, table.markdown());
        }
        List<String> problems = seen.stream()
                .filter(each -> !each.problem().isEmpty())
                .map(each -> each.mutant().getSimpleName() + ": " + each.problem())
                .toList();
        problems.forEach(System.err::println);
        return problems.isEmpty() ? 0 : 1;
    }
}
