package dev.holdfast.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bench.stats.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;

class PageTest {
    @Test
    void aRunOfGrowthsOnlyHasATitleToo() {
        List<Growth.Point> points =
                List.of(new Growth.Point(1, Interval.exactly(1)), new Growth.Point(10, Interval.exactly(1)));
        Growth growth = Growth.of("etcd/growth/x", "x", "y", Unit.NANOS, points, Goal.exponent(0.1), "a <note>");
        BenchReport report = new BenchReport(
                BenchReport.SCHEMA,
                BenchReport.VERSION,
                "2026-01-01T00:00:00Z",
                true,
                "1",
                1_000,
                Machine.here(),
                -1,
                -1,
                List.of(),
                List.of(),
                List.of(growth),
                List.of("s3: no <engine>"));
        assertThat(Page.html(report)).contains("<h1>etcd</h1>", "a &lt;note&gt;", "s3: no &lt;engine&gt;");
        assertThat(Table.markdown(report)).contains("Not measured: s3: no <engine>", "quick: too short for final");
    }
}
