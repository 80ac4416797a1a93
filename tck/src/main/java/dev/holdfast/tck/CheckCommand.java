package dev.holdfast.tck;

import dev.holdfast.tck.history.HistoryFile;
import dev.holdfast.tck.history.LockStatistics;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ./holdfast tck check FILE}: runs the checkers over a history that an earlier run has written. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Checks a recorded history again: history-RULE-CHECK.json of a failed run.",
        footer = {"", "Exit status: 0 no violation, 1 a violation or an undecided key, 2 the file cannot be read."})
final class CheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The history.")
    private Path file = Path.of("");

    @Override
    public Integer call() {
        HistoryFile history;
        try {
            history = HistoryFile.read(file);
        } catch (IllegalArgumentException e) {
            return Main.refuse(e.getMessage());
        } catch (UncheckedIOException e) {
            return Main.refuse(e.getMessage() + ": " + e.getCause());
        }
        HistoryFile.Verdict verdict = history.verify();
        LockStatistics locks = verdict.locks();
        System.out.printf(
                Locale.ROOT,
                "%s %s on %s (%s), seed %s%n%d leases, %d of them lost, smallest margin before a rival %s; %d keys%n",
                history.rule(),
                history.check(),
                history.type(),
                history.store(),
                history.seed(),
                locks.leases(),
                locks.losses(),
                locks.margins().stream()
                        .min(Long::compare)
                        .map(nanos -> String.format(Locale.ROOT, "%.1f ms", nanos / 1e6))
                        .orElse("not seen"),
                verdict.keys());
        verdict.violations().forEach(violation -> System.out.println("VIOLATION  " + violation));
        verdict.undecided().forEach(key -> System.out.println("UNDECIDED  " + key));
        if (verdict.clean()) {
            System.out.println(
                    "no violation: what failed the check was not in what it recorded, see the run's own text");
        }
        return verdict.clean() ? 0 : 1;
    }
}
