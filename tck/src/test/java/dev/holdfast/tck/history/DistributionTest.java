package dev.holdfast.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DistributionTest {
    private static Distribution of(long... millis) {
        return new Distribution(
                LongStream.of(millis).map(each -> each * 1_000_000).boxed().toList());
    }

    @Test
    void aShareIsTheTimeThatItDoesNotExceed() {
        Distribution hundred =
                of(LongStream.rangeClosed(1, 100).map(i -> 101 - i).toArray());
        assertThat(hundred.at(0)).contains(1_000_000L);
        assertThat(hundred.at(0.01)).contains(1_000_000L);
        assertThat(hundred.at(0.5)).contains(50_000_000L);
        assertThat(hundred.at(0.99)).contains(99_000_000L);
        assertThat(hundred.at(1)).contains(100_000_000L);
        assertThat(hundred.row()).isEqualTo("100 | 1.0 ms | 1.0 ms | 50 ms | 99 ms | 100 ms");
    }

    @Test
    void ofNothingNothingIsSaid() {
        assertThat(new Distribution(List.of()).at(0.5)).isEmpty();
        assertThat(new Distribution(List.of()).row()).startsWith("0 | not seen");
        assertThat(new Distribution(List.of()).histogram()).isEmpty();
    }

    @Test
    void everyTimeIsInOneLineOfTheHistogram() {
        assertThat(of(-1, 0, 49, 50, 160, 170, 5_000).histogram().lines().map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "below 0 ms 1 #########################",
                        "below 50 ms 2 ##################################################",
                        "below 100 ms 1 #########################",
                        "below 200 ms 2 ##################################################",
                        "above 1 #########################");
    }
}
