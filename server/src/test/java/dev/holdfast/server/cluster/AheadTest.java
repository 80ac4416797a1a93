package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AheadTest {
    @Test
    void oneIsMadeBeforeItIsAskedForAndEachIsGivenOnce() throws InterruptedException {
        AtomicInteger made = new AtomicInteger();
        CountDownLatch first = new CountDownLatch(1);
        Ahead<Integer> ahead = new Ahead<>("ahead", () -> {
            first.countDown();
            return made.incrementAndGet();
        });

        assertThat(first.await(20, TimeUnit.SECONDS)).as("made unasked").isTrue();
        assertThat(ahead.next()).isEqualTo(1);
        assertThat(ahead.next()).isEqualTo(2);
        assertThat(ahead.last()).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(3);
    }

    @Test
    void afterAFailureTheNextOneIsMade() {
        AtomicInteger made = new AtomicInteger();
        Ahead<Integer> ahead = new Ahead<>("ahead", () -> {
            if (made.incrementAndGet() == 1) {
                throw new UnsupportedOperationException("not the first");
            }
            return made.get();
        });

        assertThatThrownBy(ahead::next).hasRootCauseMessage("not the first");
        assertThat(ahead.next()).isEqualTo(2);
    }
}
