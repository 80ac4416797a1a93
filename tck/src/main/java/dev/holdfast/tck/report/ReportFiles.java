package dev.holdfast.tck.report;

import dev.holdfast.tck.Report;
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
     * Writes {@code report.html}, {@code report.json} and {@code TEST-holdfast-tck-TYPE.xml}, over those of an earlier run.
     *
     * @return the page
     */
    public Path write(Report report) {
        JsonReport json = JsonReport.of(report);
        try {
            Path unused = write("report.json", json.text());
            unused = write("TEST-holdfast-tck-" + json.type() + ".xml", JUnitReport.text(json));
            return write("report.html", HtmlReport.text(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What UTF-8 cannot say, half a surrogate pair in some message, becomes a question mark. */
    private Path write(String name, String text) throws IOException {
        return Files.write(directory.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }
}
