package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Key;
import org.junit.jupiter.api.Test;

class EtcdNumbersTest {
    private static final Key LOCK = Key.of("lock");

    private final EtcdNumbers numbers = new EtcdNumbers();

    @Test
    void theLeastFreeNumberIsTaken() {
        assertThat(numbers.take(LOCK)).isZero();
        assertThat(numbers.take(LOCK)).isEqualTo(1);
        assertThat(numbers.take(LOCK)).isEqualTo(2);
        numbers.free(LOCK, 1);
        assertThat(numbers.take(LOCK)).isEqualTo(1);
        assertThat(numbers.take(LOCK)).isEqualTo(3);
    }

    @Test
    void locksDoNotShareThem() {
        assertThat(numbers.take(LOCK)).isZero();
        assertThat(numbers.take(Key.of("other"))).isZero();
    }
}
