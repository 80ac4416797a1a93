package dev.holdfast.tck.report;

import dev.holdfast.tck.CheckResult;
import dev.holdfast.tck.Report;
import dev.holdfast.tck.RuleResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a run is written to. */
public final class ReportFiles {
    private final Path directory;

    private ReportFiles(Path directory) {
        this.directory = directory;
    }

    /**
     * Into a directory, which is made if there is none; made before a run, so that the run is not in vain.
     *
     * @throws UncheckedIOException when there cannot be one
     */
    public static ReportFiles in(Path directory) {
        try {
            Path made = Files.createDirectories(directory).toAbsolutePath().normalize();
            if (!Files.isWritable(made)) {
                throw new AccessDeniedException(made.toString());
            }
            return new ReportFiles(made);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The directory that builds and the command line use unless told otherwise, from where they run. */
    public static Path usual(String type) {
        return Path.of("target", "holdfast-tck", type);
    }

    /**
     * Writes {@code report.html}, {@code report.json} and {@code TEST-holdfast-tck-TYPE.xml}, over those of an earlier run,
     * and {@code history-RULE-CHECK.json} for each failed check that recorded something.
     *
     * @return lines that say where they are
     */
    public String write(Report report) {
        JsonReport json = JsonReport.of(report);
        try {
            Path unused = write("report.json", json.text());
            unused = write("TEST-holdfast-tck-" + json.type() + ".xml", JUnitReport.text(json));
            StringBuilder lines = new StringBuilder("report   " + write("report.html", HtmlReport.text(json)));
            for (RuleResult rule : report.results()) {
                for (CheckResult check : rule.checks()) {
                    if (check.history() != null) {
                        Path file = write(
                                "history-" + rule.rule() + "-" + check.name() + ".json",
                                check.history().text());
                        lines.append("\nhistory  ")
                                .append(file)
                                .append("\n         ./holdfast tck check ")
                                .append(file);
                    }
                }
            }
            return lines.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What UTF-8 cannot say, half a surrogate pair in some message, becomes a question mark. */
    private Path write(String name, String text) throws IOException {
        return Files.write(directory.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }
}
