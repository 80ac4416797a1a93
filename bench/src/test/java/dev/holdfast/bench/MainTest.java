package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bench.report.BenchReport;
import dev.holdfast.bench.report.Measure;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether the benchmarks run at all and write what can be read; no figure is judged here. */
class MainTest {
    @TempDir
    Path directory;

    @Test
    void aRunLeavesAReportThatCanBeReadBackAndAPageThatNeedsNothingElse() throws Exception {
        int status = Main.run(
                "inmem", "--smoke", "--only", "inmem/get-256", "--seed", "1", "--report", directory.toString());
        assertThat(status).isZero();

        String json = Files.readString(directory.resolve("bench.json"));
        BenchReport report = BenchReport.parse(json);
        assertThat(report.failures()).isEmpty();
        assertThat(report.measures()).extracting(Measure::id).containsExactly("inmem/get-256");
        Measure measure = report.measures().get(0);
        assertThat(measure.ours().figure().value()).isPositive();
        assertThat(measure.theirs().figure().value()).isPositive();
        assertThat(measure.ratio().value()).isPositive();
        assertThat(report.text()).isEqualTo(json);

        String page = Files.readString(directory.resolve("bench.html"));
        assertThat(page).contains("id=\"inmem/get-256\"").contains(json.replace("<", "\\u003c"));
        assertThat(page.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http:", "https:", "{{");
    }

    @Test
    void anUnknownBackendIsRefused() {
        assertThat(Main.run("postgres", "--smoke")).isEqualTo(2);
    }

    @Test
    void aRunThatMeasuredNothingIsNoSuccess() {
        assertThat(Main.run("inmem", "--smoke", "--only", "nothing is called so", "--report", directory.toString()))
                .isEqualTo(2);
    }
}
