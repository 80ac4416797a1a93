package dev.holdfast.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Key;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What an operator's dashboard shows. */
class HAMetricsTest {
    private static void await(BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - began)
                    .isLessThan(Duration.ofSeconds(20).toNanos());
            Thread.onSpinWait();
        }
    }

    @Test
    void showTheTermAndCountWhatHappens() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        CountDownLatch bound = new CountDownLatch(1);
        FakeLocks locks = new FakeLocks(true, Capability.LOCKS);
        try (HAStorage pair = HAStorage.of(new FakeStorage(Capability.LINEARIZABLE_READS))
                        .haStorage(locks)
                        .build();
                HANode node = HANode.of(pair, Key.of("lock"), "a")
                        .onActive(term -> bound.await())
                        .start()) {
            new HAMetrics(node).bindTo(registry);
            assertThat(registry.get("holdfast.ha.active").gauge().value()).isZero();
            bound.countDown();
            await(() -> registry.get("holdfast.ha.active").gauge().value() == 1);
            assertThat(registry.get("holdfast.ha.token").gauge().value()).isEqualTo(7);
            assertThat(registry.get("holdfast.ha.lease.remaining").gauge().value())
                    .isEqualTo(10);
            await(() -> count(registry, "active") == 1);
            node.stepDown();
            await(() -> count(registry, "stepped_down") == 1 && count(registry, "stopped") == 1);
            assertThat(registry.get("holdfast.ha.active").gauge().value()).isZero();
            assertThat(count(registry, "lease_lost")).isZero();
        }
    }

    @Test
    void showHowLongATakeoverTookAndInWhatUnitALeaseIsCounted() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        FakeLocks locks = new FakeLocks(true, Capability.LOCKS);
        Duration start = Duration.ofMillis(30);
        try (HAStorage pair = HAStorage.of(new FakeStorage(Capability.LINEARIZABLE_READS))
                        .haStorage(locks)
                        .build();
                HANode node = HANode.of(pair, Key.of("lock"), "a")
                        .onActive(term -> Thread.sleep(start.toMillis()))
                        .start()) {
            await(() -> node.term().isPresent());
            new HAMetrics(node).bindTo(registry);
            node.stepDown(Duration.ZERO);
            Timer takeover = registry.get("holdfast.ha.takeover").timer();
            await(() -> takeover.count() == 1);
            assertThat(takeover.totalTime(TimeUnit.MILLISECONDS)).isBetween(start.toMillis() - 10.0, 20_000.0);
            assertThat(registry.get("holdfast.ha.lease.remaining")
                            .gauge()
                            .getId()
                            .getBaseUnit())
                    .isEqualTo("seconds");
        }
    }

    @Test
    @SuppressWarnings("try") // closing is what is tested
    void leaveNothingBehindWhenTheyAreClosed() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registry.counter("somebody.elses");
        FakeLocks locks = new FakeLocks(true, Capability.LOCKS);
        try (HAStorage pair = HAStorage.of(new FakeStorage(Capability.LINEARIZABLE_READS))
                        .haStorage(locks)
                        .build();
                HANode a = HANode.of(pair, Key.of("lock"), "a").start();
                HAMetrics ofA = new HAMetrics(a, Tags.of("node", "a"));
                HANode b = HANode.of(pair, Key.of("other"), "b").start()) {
            ofA.bindTo(registry);
            HAMetrics ofB = new HAMetrics(b, Tags.of("node", "b"));
            ofB.bindTo(registry);
            await(() ->
                    registry.get("holdfast.ha.active").tag("node", "b").gauge().value() == 1);
            ofB.close();
            ofB.close();
            b.stepDown();
            await(() -> b.state() == HANode.State.STANDBY);
            assertThat(registry.find("holdfast.ha.events").tag("node", "b").meters())
                    .isEmpty();
            assertThat(registry.get("holdfast.ha.events").tag("node", "a").meters())
                    .hasSameSizeAs(HAEvent.Kind.values());
            ofA.close();
            assertThat(registry.getMeters()).hasSize(1);
        }
    }

    private static double count(SimpleMeterRegistry registry, String kind) {
        return registry.get("holdfast.ha.events").tag("kind", kind).counter().count();
    }
}
