package dev.holdfast.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Key;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hand-made histories; times in the order in which things happen. */
class LockCheckerTest {
    private static final Key LOCK = Key.of("lock");

    /** A lease that was seen held and then cleanly released. */
    private static Hold hold(String who, long token, long from, long until) {
        return new Hold(who, LOCK, token, from - 1, from, until, until, Hold.NEVER, until, until + 1);
    }

    /** A lease that was last seen held, and its loss last seen not told, at these times. */
    private static Hold lost(String who, long token, long from, long until, long open, long lost) {
        return new Hold(who, LOCK, token, from - 1, from, until, open, lost, Hold.NEVER, Hold.NEVER);
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
    void acceptsAnEmptyHistoryAndASingleHold() {
        assertThat(LockChecker.overlap(List.of())).isEmpty();
        assertThat(LockChecker.tokenOrder(List.of())).isEmpty();
        assertThat(LockChecker.lateLoss(List.of())).isEmpty();
        assertThat(LockChecker.overlap(List.of(hold("a", 1, 10, 20)))).isEmpty();
    }

    @Test
    void findsAnOverlapWhateverTheOrderOfRecordingAndNamesBoth() {
        List<Hold> history = List.of(hold("b", 2, 19_000_000, 40_000_000), hold("a", 1, 10_000_000, 20_000_000));
        assertThat(LockChecker.overlap(history))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("lock 'lock' at once, for 1.000 ms")
                        .contains("a            token 1")
                        .contains("b            token 2"));
    }

    @Test
    void takesIntervalsThatTouchForNoOverlap() {
        assertThat(LockChecker.overlap(List.of(hold("a", 1, 10, 20), hold("b", 2, 20, 30))))
                .as("the second acquire returned at the very time of the first's last yes")
                .isEmpty();
        assertThat(LockChecker.overlap(List.of(hold("a", 1, 10, 21), hold("b", 2, 20, 30))))
                .as("one nanosecond more")
                .isPresent();
        assertThat(LockChecker.overlap(List.of(hold("a", 1, 10, 20), hold("b", 2, 10, 10), hold("c", 3, 20, 30))))
                .as("a lease that was never seen held stands inside another")
                .isEmpty();
        assertThat(LockChecker.overlap(List.of(hold("a", 1, 10, 20), hold("b", 2, 10, 20))))
                .as("the same interval twice")
                .isPresent();
    }

    @Test
    void findsAnOverlapWithALongHoldBehindShortOnes() {
        List<Hold> history = List.of(hold("long", 1, 10, 100), hold("never", 2, 20, 20), hold("late", 3, 90, 95));
        assertThat(LockChecker.overlap(history))
                .hasValueSatisfying(text -> assertThat(text).contains("long").contains("late"));
    }

    @Test
    void keepsLocksApart() {
        List<Hold> history = List.of(hold("a", 5, 10, 30), on("other", hold("b", 5, 15, 25)));
        assertThat(LockChecker.overlap(history)).isEmpty();
        assertThat(LockChecker.tokenOrder(history)).isEmpty();
        assertThat(LockChecker.lateLoss(history)).isEmpty();
    }

    @Test
    void findsTokensThatDoNotRise() {
        assertThat(LockChecker.tokenOrder(List.of(hold("a", 1, 10, 20), hold("b", 3, 30, 40), hold("c", 2, 50, 60))))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("lower token")
                        .contains("b            token 3")
                        .contains("c            token 2"));
        assertThat(LockChecker.tokenOrder(List.of(hold("a", 7, 10, 20), hold("b", 7, 30, 40))))
                .hasValueSatisfying(text -> assertThat(text).contains("one token"));
        assertThat(LockChecker.tokenOrder(List.of(hold("a", 0, 10, 20))))
                .hasValueSatisfying(text -> assertThat(text).contains("below 1"));
        assertThat(LockChecker.tokenOrder(List.of(hold("a", 1, 10, 20), hold("b", 9, 30, 40))))
                .isEmpty();
    }

    @Test
    void comparesATokenWithTheHighestAndNotOnlyWithTheLast() {
        List<Hold> history = List.of(hold("a", 9, 10, 20), hold("dead", 3, 30, 30), hold("b", 5, 40, 50));
        assertThat(LockChecker.tokenOrder(history))
                .hasValueSatisfying(text -> assertThat(text).contains("token 9").contains("token 3"));
    }

    @Test
    void ordersAttemptsThatRanTogetherOnlyWhenBothWereSeenHeld() {
        Hold dead = new Hold("dead", LOCK, 1, 5, 30, 30, 30, Hold.NEVER, Hold.NEVER, Hold.NEVER);
        assertThat(LockChecker.tokenOrder(List.of(hold("a", 2, 10, 20), dead)))
                .as("granted before the other, but slow to return, and over by then")
                .isEmpty();
        Hold alive = new Hold("alive", LOCK, 1, 5, 30, 35, 35, Hold.NEVER, Hold.NEVER, Hold.NEVER);
        assertThat(LockChecker.tokenOrder(List.of(hold("a", 2, 10, 20), alive)))
                .as("held after the other, with a lower token")
                .isPresent();
    }

    @Test
    void findsALossThatWasToldAfterTheRivalHadWon() {
        Hold rival = hold("rival", 2, 50_000_000, 60_000_000);
        assertThat(LockChecker.lateLosses(List.of(lost("a", 1, 10_000_000, 40_000_000, 52_000_000, 53_000_000), rival)))
                .singleElement()
                .satisfies(late -> {
                    assertThat(late.stillHeld()).isFalse();
                    assertThat(late.late()).isEqualTo(3_000_000);
                });
        assertThat(LockChecker.lateLosses(List.of(lost("a", 1, 10_000_000, 51_000_000, 52_000_000, Hold.NEVER), rival)))
                .singleElement()
                .satisfies(late -> {
                    assertThat(late.stillHeld()).isTrue();
                    assertThat(late.late()).isEqualTo(Hold.NEVER);
                });
        assertThat(LockChecker.lateLoss(List.of(lost("a", 1, 10_000_000, 40_000_000, 52_000_000, 53_000_000), rival)))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("lost() was still incomplete 2.000 ms")
                        .contains("rival"));
        assertThat(LockChecker.lateLoss(List.of(lost("a", 1, 10_000_000, 51_000_000, 40_000_000, 53_000_000), rival)))
                .hasValueSatisfying(text -> assertThat(text).contains("isHeld() still answered true 1.000 ms"));
    }

    @Test
    void takesALossThatTouchesTheRivalForTimely() {
        Hold rival = hold("rival", 2, 50, 60);
        assertThat(LockChecker.lateLoss(List.of(lost("a", 1, 10, 50, 50, 90), rival)))
                .as("what was recorded as seen complete late may have been complete before")
                .isEmpty();
        assertThat(LockChecker.lateLoss(List.of(hold("a", 1, 10, 49), rival)))
                .as("a release is no loss")
                .isEmpty();
    }

    @Test
    void measuresMarginsAndHandOffs() {
        List<Hold> history = List.of(lost("a", 1, 10, 20, 20, 30), hold("b", 2, 45, 50), hold("c", 3, 58, 70));
        assertThat(LockChecker.lossMargins(history)).containsExactly(Duration.ofNanos(15));
        assertThat(LockChecker.longestHandOff(history, 0)).hasValue(7);
        assertThat(LockChecker.longestHandOff(history, 52)).isEmpty();
    }

    @Test
    void measuresHandOffsToThoseWhoWaitedOnly() {
        Hold waited = new Hold("b", LOCK, 2, 15, 24, 30, 30, Hold.NEVER, 30, 31);
        assertThat(LockChecker.handOffs(List.of(hold("a", 1, 10, 20), waited))).containsExactly(Duration.ofNanos(4));
        Hold cameLater = new Hold("b", LOCK, 2, 21, 24, 30, 30, Hold.NEVER, 30, 31);
        assertThat(LockChecker.handOffs(List.of(hold("a", 1, 10, 20), cameLater)))
                .isEmpty();
        assertThat(LockChecker.handOffs(List.of(lost("a", 1, 10, 20, 20, 22), waited)))
                .isEmpty();
        Hold releasedLate = new Hold("a", LOCK, 1, 9, 10, 20, 20, 22, 23, 41);
        assertThat(LockChecker.handOffs(List.of(releasedLate, waited)))
                .as("lost, handed on by its expiry, and released after that")
                .isEmpty();
        Hold overlapped = new Hold("a", LOCK, 1, 9, 10, 35, 35, Hold.NEVER, 35, 36);
        assertThat(LockChecker.handOffs(List.of(overlapped, waited)))
                .as("won before the release, which is an overlap and no hand-off")
                .isEmpty();
    }

    @Test
    void lossesThatNoFaultCausedDoNotCountAmongThoseOfFaults() {
        LockStatistics seen = LockStatistics.of(List.of(lost("a", 1, 10, 20, 20, 30), hold("b", 2, 45, 50)));
        assertThat(seen.losses()).isEqualTo(1);
        assertThat(seen.withoutFaults()).isEqualTo(new LockStatistics(2, 0, List.of(), List.of(), List.of()));
    }

    @Test
    void measuresFailoversFromTheLastMomentAtWhichALeaseWasHeld() {
        Hold killed = new Hold("a", LOCK, 1, 9, 10, 20, 20, Hold.NEVER, Hold.NEVER, Hold.NEVER);
        assertThat(LockChecker.failovers(List.of(killed, hold("b", 2, 50, 60)))).containsExactly(Duration.ofNanos(30));
        assertThat(LockChecker.failovers(List.of(lost("a", 1, 10, 20, 20, 22), hold("b", 2, 50, 60))))
                .containsExactly(Duration.ofNanos(30));
        assertThat(LockChecker.failovers(List.of(hold("a", 1, 10, 20), hold("b", 2, 50, 60))))
                .isEmpty();
    }
}
