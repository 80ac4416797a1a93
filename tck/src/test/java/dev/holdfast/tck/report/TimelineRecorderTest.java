package dev.holdfast.tck.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.contender.ContenderEvent;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.faults.Traffic;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.history.LockHistory;
import dev.holdfast.tck.report.Timeline.FaultSpan;
import dev.holdfast.tck.report.Timeline.Lane;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** How a check's doings get into its timelines. */
class TimelineRecorderTest {
    private static final Key LOCK = Key.of("lock");

    private record FakeLease(long token) implements Lease {
        @Override
        public Key key() {
            return LOCK;
        }

        @Override
        public boolean isHeld() {
            return true;
        }

        @Override
        public Duration remaining() {
            return Duration.ofSeconds(1);
        }

        @Override
        public CompletionStage<Loss> lost() {
            return new CompletableFuture<>();
        }

        @Override
        public void release() {}
    }

    private static final class FakeLink implements Link {
        @Override
        public Map<String, String> options() {
            return Map.of("through", "link");
        }

        @Override
        public void apply(Fault fault) {}

        @Override
        public void delay(Duration each) {}

        @Override
        public void lateReplies(double share, Duration most, long seed) {}

        @Override
        public void throttle(long bytesPerSecond) {}

        @Override
        public void dropNextReply() {}

        @Override
        public Traffic traffic() {
            return new Traffic(0, 0, 0);
        }

        @Override
        public int connections() {
            return 3;
        }

        @Override
        public void heal() {}

        @Override
        public void close() {}
    }

    private final TimelineRecorder recorder = new TimelineRecorder();

    private LockHistory history(String contender) {
        LockHistory history = new LockHistory();
        recorder.contender(history, contender);
        return history;
    }

    private static Held win(LockHistory history, String contender, long token) {
        return history.won(contender, new FakeLease(token), history.now());
    }

    @Test
    void aHistoryIsDrawnOnItsOwnClock() {
        LockHistory history = history("a");
        Held held = win(history, "a", 7);
        held.release();
        Timeline timeline = recorder.timelines().get(0);
        assertThat(recorder.timelines()).hasSize(1);
        assertThat(timeline.lanes()).containsExactly(new Lane("a", null));
        assertThat(timeline.holds()).containsExactly(Timeline.Span.of(0, held.snapshot()));
        assertThat(timeline.to()).isBetween(held.snapshot().released(), history.now());
    }

    @Test
    void theFaultsOfALinkAreDrawnWhileTheyStand() {
        LockHistory history = history("a");
        Link link = recorder.watch(new FakeLink(), "a");
        Held unused = win(history, "a", 1);
        long before = history.now();
        link.apply(Fault.BLACK_HOLE);
        link.delay(Duration.ofMillis(50));
        link.apply(Fault.LOSE_REPLIES); // replaces the first
        link.heal();
        long after = history.now();
        link.apply(Fault.RESET); // stands to the end
        assertThat(link.options()).containsEntry("through", "link");
        assertThat(link.connections()).isEqualTo(3);

        List<FaultSpan> faults = recorder.timelines().get(0).faults();
        assertThat(faults)
                .extracting(FaultSpan::what)
                .containsExactly("black hole", "delay 50 ms", "lose replies", "reset");
        assertThat(faults).allSatisfy(fault -> assertThat(fault.lanes()).containsExactly(0));
        // The two clocks are set against each other anew for each picture.
        long exact = Duration.ofMillis(5).toNanos();
        assertThat(faults.subList(0, 3)).allSatisfy(fault -> {
            assertThat(fault.from()).isBetween(before - exact, after + exact);
            assertThat(fault.to()).isBetween(fault.from(), after + exact);
        });
        assertThat(faults.get(3).to()).isGreaterThanOrEqualTo(after);
    }

    @Test
    void linksOfNobodyInParticularAreNumbered() {
        LockHistory history = history("a");
        recorder.watch(new FakeLink()).apply(Fault.RESET);
        recorder.watch(new FakeLink()).apply(Fault.REFUSE);
        Held unused = win(history, "a", 1);
        assertThat(recorder.timelines().get(0).faults())
                .extracting(FaultSpan::target)
                .containsExactly("link 1", "link 2");
    }

    @Test
    void theStoreIsWatched() {
        LockHistory history = history("a");
        Held unused = win(history, "a", 1);
        StoreControl control = recorder.watch(new StoreControl() {
            @Override
            public void pause() {}

            @Override
            public void resume() {}

            @Override
            public void restart() {}
        });
        control.pause();
        control.resume();
        control.restart();
        recorder.watch(Map.of("lock deleted", (options, lock) -> {}))
                .get("lock deleted")
                .remove(Map.of(), LOCK);
        assertThat(recorder.timelines().get(0).faults())
                .extracting(FaultSpan::what)
                .containsExactly("paused", "restart", "lock deleted");
    }

    @Test
    void aFaultOfAnotherHistorysContenderIsNotDrawnInThisOne() {
        LockHistory first = history("a");
        LockHistory second = history("b");
        recorder.watch(new FakeLink(), "b").apply(Fault.RESET);
        Held unused = win(first, "a", 1);
        unused = win(second, "b", 1);
        assertThat(recorder.timelines())
                .extracting(timeline -> timeline.faults().size())
                .containsExactly(0, 1);
    }

    @Test
    void requestsInVainAreDrawn() {
        LockHistory history = history("a");
        long asked = history.now();
        recorder.attempt(history, "a", LOCK, asked, "no lease");
        Timeline timeline = recorder.timelines().get(0);
        assertThat(timeline.attempts()).singleElement().satisfies(attempt -> {
            assertThat(attempt.from()).isEqualTo(asked);
            assertThat(attempt.end()).isEqualTo("no lease");
        });
    }

    @Test
    void whatHappensAfterTheCheckIsNotDrawn() {
        LockHistory history = history("a");
        Held unused = win(history, "a", 1);
        recorder.stop();
        unused = win(history, "a", 2);
        assertThat(recorder.timelines().get(0).holds()).hasSize(1);
    }

    @Test
    void aContenderInAProcessOfItsOwnIsDrawnFromWhatItSays() {
        long origin = 1_000;
        List<ContenderEvent> said = List.of(
                new ContenderEvent("ready", 1_005, 0, ""),
                new ContenderEvent("won", 1_020, 4, "1010"),
                new ContenderEvent("held", 1_030, 900, "true"),
                new ContenderEvent("paused", 1_035, 0, ""),
                new ContenderEvent("resumed", 1_050, 0, ""),
                new ContenderEvent("held", 1_052, 0, "false"),
                new ContenderEvent("lost", 1_055, 4, "EXPIRED"),
                new ContenderEvent("interval", 1_060, 6, "1064"),
                new ContenderEvent("killed", 1_070, 0, ""));
        ProcessLane lane = new ProcessLane("p", LOCK, () -> said);
        long never = Hold.NEVER;
        assertThat(lane.holds(origin))
                .containsExactly(
                        new Hold("p", LOCK, 4, 10, 20, 30, 20, 55, never, never),
                        new Hold("p", LOCK, 6, 60, 60, 64, 60, never, never, never));
        assertThat(lane.faults(origin, 90))
                .containsExactly(
                        new FaultSpan("p", "paused", List.of(), 35, 50),
                        new FaultSpan("p", "killed", List.of(), 70, 90));
    }
}
