package dev.holdfast.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.bench.report.Goal.Verdict;
import dev.holdfast.bench.stats.Interval;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GoalTest {
    private static final Goal AT_MOST = Goal.atMostTimes(1.1);
    private static final Goal AT_LEAST = Goal.atLeastTimes(3);

    @Test
    void aGoalIsMetOrMissedOnlyWhenTheWholeIntervalSaysSo() {
        assertThat(Goal.judge(AT_MOST, new Interval(1.0, 0.9, 1.09))).isEqualTo(Verdict.MET);
        assertThat(Goal.judge(AT_MOST, new Interval(1.0, 0.9, 1.2))).isEqualTo(Verdict.OPEN);
        assertThat(Goal.judge(AT_MOST, new Interval(1.3, 1.2, 1.4))).isEqualTo(Verdict.MISSED);
        assertThat(Goal.judge(AT_LEAST, new Interval(4, 3.5, 4.5))).isEqualTo(Verdict.MET);
        assertThat(Goal.judge(AT_LEAST, new Interval(3.1, 2.9, 3.5))).isEqualTo(Verdict.OPEN);
        assertThat(Goal.judge(AT_LEAST, new Interval(2, 1.5, 2.5))).isEqualTo(Verdict.MISSED);
    }

    @Test
    void withoutAGoalNothingIsJudged() {
        assertThat(Goal.judge(null, new Interval(1, 1, 1))).isEqualTo(Verdict.NONE);
        assertThat(Goal.judge(AT_MOST, null)).isEqualTo(Verdict.NONE);
    }

    @Test
    void aGrowthThatBeginsAtTheLastStepIsMissedThoughTheWholeLooksFlat() {
        Growth growth = growth(300, 300, 300, 600);
        assertThat(growth.law().exponent().high()).isLessThan(0.1);
        assertThat(growth.verdict()).isEqualTo(Verdict.MISSED);
        assertThat(growth(300, 300, 300, 303).verdict()).isEqualTo(Verdict.MET);
    }

    private static Growth growth(double... costs) {
        List<Growth.Point> points = IntStream.range(0, costs.length)
                .mapToObj(i ->
                        new Growth.Point(Math.pow(10, i), new Interval(costs[i], costs[i] * 0.99, costs[i] * 1.01)))
                .toList();
        return Growth.of("x/growth", "cost", "size", Unit.NANOS, points, Goal.exponent(0.1), "");
    }

    @Test
    void figuresReadAsPeopleWriteThem() {
        assertThat(List.of(Unit.NANOS.text(87.4), Unit.NANOS.text(1_234_000), Unit.NANOS.text(2.7e9)))
                .containsExactly("87.4 ns", "1.23 ms", "2.70 s");
        assertThat(List.of(Unit.BYTES.text(256), Unit.BYTES.text(16_384), Unit.COUNT.text(0), Unit.COUNT.text(2.5)))
                .containsExactly("256 B", "16.4 KB", "0", "2.50");
        assertThat(Unit.PER_SECOND.text(11_400)).isEqualTo("11,400/s");
        assertThat(List.of(Unit.size(256), Unit.size(16 << 10))).containsExactly("256 B", "16 KiB");
    }

    @Test
    void aReportOfAnotherSchemaOrVersionIsRefused() {
        assertThatThrownBy(() -> BenchReport.parse("{\"schema\":\"holdfast-bench-report\",\"version\":2}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("version 1");
        assertThatThrownBy(() -> BenchReport.parse("{\"schema\":\"other\",\"version\":1}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BenchReport.parse("no JSON")).isInstanceOf(IllegalArgumentException.class);
    }
}
