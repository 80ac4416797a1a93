package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bench.Bench.Figure;
import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Measure;
import dev.holdfast.bench.report.Unit;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BenchTest {
    private final Bench bench =
            new Bench(Bench.Length.SMOKE, Pattern.compile(""), 1, new PrintStream(OutputStream.nullOutputStream()));

    private void take(int samples) {
        double[] observed = IntStream.rangeClosed(1, samples).asDoubleStream().toArray();
        List<Figure> figures = List.of(Figure.p50(null), Figure.p99(Goal.atMost(63, Unit.NANOS)));
        bench.durations("x/of-" + samples, "row", "x", observed, null, null, figures, "");
    }

    @Test
    void theHundredthOfFewObservationsIsTheWorstOfThemAndCalledSo() {
        take(64);
        take(100);
        assertThat(bench.measures()).extracting(Measure::figure).containsExactly("p50", "worst of 64", "p50", "p99");
        Measure worst = bench.measures().get(1);
        assertThat(worst.id()).isEqualTo("x/of-64/p99");
        assertThat(worst.ours().figure().value()).isEqualTo(64);
        assertThat(worst.verdict()).isNotEqualTo(Goal.Verdict.MET);
    }

    @Test
    void whatCannotBeMeasuredIsReportedAndEndsNothingElse() throws Exception {
        bench.attempt("s3", () -> {
            throw new IllegalStateException("it does not start");
        });
        assertThat(bench.failures()).singleElement().asString().contains("s3", "it does not start");
        assertThat(bench.hasResults()).isTrue();
    }
}
