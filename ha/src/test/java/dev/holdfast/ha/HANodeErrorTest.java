package dev.holdfast.ha;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** A node that meets with what nobody expects keeps no lock that it cannot use, and goes on. */
class HANodeErrorTest {
    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    private final FakeLocks locks = new FakeLocks(true, Capability.LOCKS);
    private final Queue<HAEvent> events = new ConcurrentLinkedQueue<>();
    private final Queue<HAEvent.Kind> stops = new ConcurrentLinkedQueue<>();

    private HANodeBuilder node(FakeStorage storage) {
        return HANode.of(HAStorage.of(storage).haStorage(locks).build(), Key.of("lock"), "a")
                .onStandby(why -> stops.add(why.kind()))
                .onEvent(events::add);
    }

    private static void await(String what, BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - began)
                    .as(what)
                    .isLessThan(Duration.ofSeconds(20).toNanos());
            Thread.onSpinWait();
        }
    }

    private boolean had(HAEvent.Kind kind, String why) {
        return events.stream()
                .anyMatch(event -> event.kind() == kind && event.why().contains(why));
    }

    @Test
    void anErrorWhileStorageIsTakenOverReleasesTheLockAndTheNodeTriesAgain() {
        AtomicInteger listed = new AtomicInteger();
        FakeStorage broken = new FakeStorage(Capability.LINEARIZABLE_READS) {
            @Override
            public List<String> list(Prefix prefix, String after, int limit) {
                if (listed.incrementAndGet() <= 2) {
                    throw new NoClassDefFoundError("some/Driver");
                }
                return super.list(prefix, after, limit);
            }
        };
        try (HANode node = node(broken).start()) {
            await("it is active in the end", () -> node.term().isPresent());
            assertThat(locks.leases).hasSize(3);
            assertThat(locks.leases.subList(0, 2)).allMatch(lease -> lease.released);
            assertThat(locks.leases.get(2).released).isFalse();
            await("it says why", () -> had(HAEvent.Kind.FAILED, "some/Driver"));
            assertThat(stops).as("the service was not started before").isEmpty();
        }
    }

    @Test
    void anErrorWhileTheServiceIsActiveReleasesTheLockAndStopsTheService() {
        try (HANode node = node(new FakeStorage(Capability.LINEARIZABLE_READS)).start()) {
            await("it is active", () -> node.term().isPresent());
            Term first = node.term().orElseThrow();
            locks.leases.get(0).broken = new StackOverflowError("deep");
            await(
                    "it is active again",
                    () -> node.term().filter(term -> term != first).isPresent());
            assertThat(locks.leases.get(0).released).isTrue();
            assertThat(first.isActive()).isFalse();
            assertThat(stops).containsExactly(HAEvent.Kind.FAILED);
            await("it says why", () -> had(HAEvent.Kind.FAILED, "deep"));
        }
    }

    @Test
    void aStepDownForEverIsAPauseAndNotAnError() throws Exception {
        HANode node = node(new FakeStorage(Capability.LINEARIZABLE_READS)).start();
        await("it is active", () -> node.term().isPresent());
        node.stepDown(FOREVER);
        await("it pauses", () -> node.state() == HANode.State.STANDBY);
        Thread.sleep(300); // several times as long as a pause after an error
        assertThat(locks.leases).hasSize(1);
        node.close();
        assertThat(node.state()).isEqualTo(HANode.State.CLOSED);
        assertThat(had(HAEvent.Kind.ERROR, "")).isFalse();
    }

    @Test
    void aNodeWhoseServiceMayTakeForEverToStopIsClosedLikeAnyOther() {
        HANode node = node(new FakeStorage(Capability.LINEARIZABLE_READS))
                .stopTimeout(FOREVER)
                .leaderPoll(FOREVER)
                .start();
        await("it is active", () -> node.term().isPresent());
        assertThatCode(node::close).doesNotThrowAnyException();
        assertThat(node.state()).isEqualTo(HANode.State.CLOSED);
        assertThat(stops).containsExactly(HAEvent.Kind.CLOSED);
    }
}
