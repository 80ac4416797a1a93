package dev.holdfast.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A run, in the schema that docs/BENCH.md describes: this record and those below it, field by field. Times are
 * nanoseconds.
 *
 * @param date when it began: ISO 8601, UTC, to the second
 * @param quick whether it was cut short, which widens the intervals
 * @param seed makes the random parts come out the same again; a text, since many readers round large numbers
 * @param loadBefore the load of the machine in the minute before
 * @param loadAfter the load in its last minute, this run included
 * @param failures what could not be measured, one sentence each
 */
public record BenchReport(
        String schema,
        int version,
        String date,
        boolean quick,
        String seed,
        long millis,
        Machine machine,
        double loadBefore,
        double loadAfter,
        List<String> stores,
        List<Measure> measures,
        List<Growth> growths,
        List<String> failures) {
    /** The name of the schema. */
    public static final String SCHEMA = "holdfast-bench-report";

    /** Within a version, fields may be added; none changes its meaning or goes. */
    public static final int VERSION = 1;

    /** The name of the page that {@link #write} leaves. */
    public static final String PAGE = "bench.html";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** As JSON. */
    public String text() {
        try {
            return MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The report that {@link #text} wrote.
     *
     * @throws IllegalArgumentException when it is none, or of a version that this code does not know
     */
    public static BenchReport parse(String text) {
        try {
            var tree = MAPPER.readTree(text);
            if (!SCHEMA.equals(tree.path("schema").asText())
                    || tree.path("version").asInt() != VERSION) {
                throw new IllegalArgumentException("no " + SCHEMA + " of version " + VERSION);
            }
            return MAPPER.treeToValue(tree, BenchReport.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no " + SCHEMA + ": " + e.getOriginalMessage(), e);
        }
    }

    /** Writes {@code bench.json} and {@code bench.html}, over those of an earlier run. */
    public void write(Path directory) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("bench.json"), text());
            Files.writeString(directory.resolve(PAGE), Page.html(this));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
