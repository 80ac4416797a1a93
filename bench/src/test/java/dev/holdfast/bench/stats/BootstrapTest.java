package dev.holdfast.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    private static final Random RANDOM = new Random(7);

    /** Observations of something that takes {@code middle} on a machine that is now slower, now faster. */
    private static double[] observed(double middle, double[] weather) {
        return Arrays.stream(weather)
                .map(slower -> middle * slower * (1 + 0.05 * RANDOM.nextGaussian()))
                .toArray();
    }

    private static double[] weather(int size) {
        double[] weather = new double[size];
        for (int i = 0; i < size; i++) {
            weather[i] = 1 + 0.5 * Math.sin(i / 40.0);
        }
        return weather;
    }

    @Test
    void theIntervalOfARatioHoldsTheTruthAndIsNarrowThoughTheMachineWavers() {
        double[] weather = weather(2_000);
        Interval ratio = new Bootstrap(new Random(1)).ratio(observed(1.1, weather), observed(1, weather), 0.5);
        assertThat(ratio.low()).isLessThan(1.1);
        assertThat(ratio.high()).isGreaterThan(1.1).isLessThan(1.2);
        assertThat(ratio.value()).isBetween(ratio.low(), ratio.high());
    }

    @Test
    void fewObservationsSayLess() {
        double[] few = new double[40];
        double[] many = new double[4_000];
        Arrays.fill(few, 1);
        Arrays.fill(many, 1);
        Interval unsure = new Bootstrap(new Random(1)).mean(observed(1, few));
        Interval sure = new Bootstrap(new Random(1)).mean(observed(1, many));
        assertThat(unsure.high() - unsure.low()).isGreaterThan(sure.high() - sure.low());
    }

    @Test
    void onlyWhatWasTakenInTurnsIsCompared() {
        assertThatThrownBy(() -> new Bootstrap(new Random(1)).ratio(new double[3], new double[4], 0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 and 4");
    }

    @Test
    void aQuantileIsAnObservation() {
        double[] values = {5, 1, 4, 2, 3};
        assertThat(Quantiles.of(values, 0.5)).isEqualTo(3);
        assertThat(Quantiles.of(values, 0.99)).isEqualTo(5);
        assertThat(Quantiles.of(values, 0.2)).isEqualTo(1);
        double[] hundred = IntStream.rangeClosed(1, 100).asDoubleStream().toArray();
        assertThat(Quantiles.of(hundred, 0.55)).isEqualTo(55);
        assertThat(Quantiles.drawn(values)).hasSize(22).startsWith(1).endsWith(5);
    }

    @Test
    void aPowerIsFound() {
        var sizes = java.util.List.of(1.0, 10.0, 100.0, 1_000.0);
        var costs = sizes.stream()
                .map(size -> 3 * Math.pow(size, 1.5))
                .map(cost -> new Interval(cost, cost * 0.9, cost * 1.1))
                .toList();
        PowerLaw law = PowerLaw.fit(sizes, costs);
        assertThat(law.exponent().value()).isCloseTo(1.5, within(1e-9));
        assertThat(law.exponent().low()).isBetween(1.4, 1.5);
        assertThat(law.at(10)).isCloseTo(3 * Math.pow(10, 1.5), within(1e-6));
    }
}
