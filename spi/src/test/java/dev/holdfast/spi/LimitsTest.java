package dev.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitsTest {
    @Test
    void acceptsACommitThatHoldsExactlyTheLargestEntry() {
        assertThat(new Limits(10, 90, 1, 100).maxCommitBytes()).isEqualTo(100);
    }

    @Test
    void acceptsTheSmallest() {
        assertThat(new Limits(1, 1, 1, 2).maxMutations()).isOne();
    }

    @Test
    void refusesACommitTooSmallForTheLargestEntry() {
        assertThatThrownBy(() -> new Limits(10, 90, 1, 99))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxCommitBytes 99");
    }

    @Test
    void theSumOfTheLargestIntsDoesNotOverflow() {
        assertThatThrownBy(() -> new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1", "1, 0, 1", "1, 1, 0", "-1, 1, 1"})
    void refusesALimitThatAcceptsNothing(int key, int value, int mutations) {
        assertThatThrownBy(() -> new Limits(key, value, mutations, 100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 1");
    }
}
