package dev.holdfast.tck.report;

import static dev.holdfast.tck.report.Samples.LOCK;
import static dev.holdfast.tck.report.Samples.at;
import static dev.holdfast.tck.report.Samples.hold;
import static dev.holdfast.tck.report.Samples.lost;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Key;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.report.Timeline.FaultSpan;
import dev.holdfast.tck.report.Timeline.Lane;
import dev.holdfast.tck.report.Timeline.Violation;
import dev.holdfast.tck.report.Timeline.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What of a history is drawn. */
class TimelineBuilderTest {
    private static Timeline timeline(List<Hold> holds, double now) {
        return new TimelineBuilder(List.of(), holds, at(now)).build().orElseThrow();
    }

    private static Hold on(String lock, Hold hold) {
        return new Hold(
                hold.contender(),
                Key.of(lock),
                hold.token(),
                hold.asked(),
                hold.from(),
                hold.until(),
                hold.open(),
                hold.lost(),
                hold.releasing(),
                hold.released());
    }

    @Test
    void nothingIsDrawnWhereNobodyAskedForALock() {
        assertThat(new TimelineBuilder(List.of("a"), List.of(), 10).build()).isEmpty();
    }

    @Test
    void contendersHaveALaneInTheOrderInWhichTheyWereIntroducedAlsoIfTheyNeverWin() {
        TimelineBuilder builder = new TimelineBuilder(
                List.of("waiter", "a"), List.of(hold("b", 2, 5, 6, 7), hold("a", 1, 1, 2, 3)), at(9));
        assertThat(builder.build().orElseThrow().lanes())
                .containsExactly(new Lane("waiter", null), new Lane("a", null), new Lane("b", null));
    }

    @Test
    void oneContenderWithSeveralLocksAtOnceHasALaneForEach() {
        Timeline one = timeline(List.of(on("x", hold("a", 1, 0, 1, 2)), on("y", hold("a", 1, 2, 3, 4))), 9);
        assertThat(one.lanes()).containsExactly(new Lane("a", null));
        Timeline two = timeline(List.of(on("x", hold("a", 1, 0, 1, 4)), on("y", hold("a", 1, 2, 3, 5))), 9);
        assertThat(two.lanes()).containsExactly(new Lane("a", "x"), new Lane("a", "y"));
        assertThat(two.violations()).as("leases of different locks").isEmpty();
    }

    @Test
    void anOverlapLastsFromTheSecondAcquireToTheLastYesOfEither() {
        Timeline timeline = Samples.overlap();
        assertThat(timeline.violations())
                .containsExactly(new Violation(Violation.Kind.OVERLAP, LOCK.path(), 0, 2, at(1_520.7), at(1_655.4)));
    }

    @Test
    void aLossThatIsToldLateIsShownUpCloseToo() {
        Timeline timeline = Samples.lateLoss();
        assertThat(timeline.violations())
                .containsExactly(new Violation(Violation.Kind.LATE_LOSS, LOCK.path(), 0, 1, at(1_000.3), at(1_004.3)));
        assertThat(timeline.windows())
                .extracting(Window::title)
                .containsExactly("close-up of the late loss", "the whole check");
        assertThat(timeline.windows().get(0).from()).isLessThan(at(1_000.3));
        assertThat(timeline.windows().get(0).to()).isGreaterThan(at(1_004.3));
    }

    @Test
    void whatIsDrawnInRedIsWhatTheCheckerFinds() {
        Random random = new Random(7);
        int wrong = 0;
        for (int round = 0; round < 2_000; round++) {
            List<Hold> holds = new ArrayList<>();
            for (int token = 1; token <= 4; token++) {
                double from = random.nextInt(12);
                double until = from + random.nextInt(4);
                String who = "c" + random.nextInt(3);
                holds.add(
                        random.nextBoolean()
                                ? hold(who, token, from, from, until)
                                : lost(who, token, from, from, until, from + random.nextInt(5), from + 6));
            }
            Timeline timeline = timeline(holds, 30);
            boolean overlap = timeline.violations().stream().anyMatch(each -> each.kind() == Violation.Kind.OVERLAP);
            assertThat(overlap)
                    .as("%s", holds)
                    .isEqualTo(LockChecker.overlap(holds).isPresent());
            if (LockChecker.lateLoss(holds).isPresent()) {
                assertThat(timeline.violations()).as("%s", holds).isNotEmpty();
            }
            wrong += overlap ? 1 : 0;
        }
        assertThat(wrong).as("histories with an overlap, of 2,000").isBetween(200, 1_990);
    }

    @Test
    void aFaultOfAContenderIsDrawnInItsLanesAndAnyOtherInAll() {
        Timeline timeline = Samples.overlap();
        assertThat(timeline.faults())
                .containsExactly(
                        new FaultSpan("node-1", "black hole", List.of(0), at(520), at(1_760)),
                        new FaultSpan("store", "paused", List.of(), at(1_930), at(2_010)));
    }

    @Test
    void faultsThatEndedBeforeAnythingWasAskedAreLeftOut() {
        TimelineBuilder builder = new TimelineBuilder(List.of(), List.of(hold("a", 1, 5, 6, 7)), at(9));
        builder.fault("store", "paused", at(-3), at(4));
        builder.fault("store", "paused", at(-1), at(5.5));
        assertThat(builder.build().orElseThrow().faults())
                .extracting(FaultSpan::to)
                .containsExactly(at(5.5));
    }

    @Test
    void aShortHistoryIsDrawnWhole() {
        Timeline timeline = Samples.handOffs(100, 3);
        assertThat(timeline.windows()).extracting(Window::title).containsExactly("the whole check");
        assertThat(timeline.holds()).hasSize(100);
        assertThat(timeline.overview()).isNull();
        assertThat(timeline.left().any()).isFalse();
    }

    @Test
    void aLongHistoryIsDrawnWhereItIsTelling() {
        Timeline timeline = Samples.handOffs(3_000, 3);
        assertThat(timeline.windows())
                .extracting(Window::title)
                .containsExactly(
                        "the beginning", "around the loss of token 1001", "around the fault 'reset' of c2", "the end");
        assertThat(timeline.overview().won()).hasSize(120);
        assertThat(timeline.overview().won().stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(3_000);
        assertThat(timeline.holds()).hasSizeBetween(60, TimelineBuilder.HOLDS);
        assertThat(timeline.holds().size() + timeline.left().holds()).isEqualTo(3_000);
        assertThat(timeline.holds()).anyMatch(hold -> hold.token() == 1_001 && hold.lost() != null);
    }

    @Test
    void whatCannotBeReadIsLeftOutAndCounted() {
        List<Hold> holds = IntStream.range(0, 2_000)
                .mapToObj(i -> hold("c" + i % 100, i + 1, 0, 1, 5)) // all at once: nothing excludes anything
                .toList();
        TimelineBuilder builder = new TimelineBuilder(List.of(), holds, at(10));
        for (int i = 0; i < 1_000; i++) {
            builder.attempt("c1", LOCK, at(1), at(2), "no lease");
            builder.fault("c1", "reset", at(1), at(2));
        }
        Timeline timeline = builder.build().orElseThrow();
        assertThat(timeline.lanes()).hasSize(TimelineBuilder.LANES);
        assertThat(timeline.holds()).hasSize(TimelineBuilder.HOLDS);
        assertThat(timeline.attempts()).hasSize(TimelineBuilder.ATTEMPTS);
        assertThat(timeline.faults()).hasSize(TimelineBuilder.FAULTS);
        assertThat(timeline.violations()).hasSize(TimelineBuilder.VIOLATIONS);
        assertThat(timeline.left().lanes()).isEqualTo(100 - TimelineBuilder.LANES);
        assertThat(timeline.left().violations()).isPositive();
    }
}
