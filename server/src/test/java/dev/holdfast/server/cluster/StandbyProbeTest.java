package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.barrier.Barrier;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandbyProbeTest {
    @ParameterizedTest
    @CsvSource({"1, 10", "4, 10", "30, 75"})
    void aStoreIsLostWhenItHasNotAnsweredForTenSecondsOrForAsLongAsItMay(int requestTimeout, int lostAfter) {
        AtomicLong now = new AtomicLong();
        try (Backend storage = Backends.load().open("inmem", Map.of("store", "probe-" + UUID.randomUUID()));
                StandbyProbe probe = new StandbyProbe(
                        Barrier.create(new byte[32], storage),
                        storage,
                        Duration.ofSeconds(requestTimeout),
                        () -> true,
                        now::get)) {
            now.set(Duration.ofSeconds(lostAfter).toNanos());
            assertThat(probe.isOverdue()).isFalse();

            now.incrementAndGet();
            assertThat(probe.isOverdue()).isTrue();
        }
    }
}
