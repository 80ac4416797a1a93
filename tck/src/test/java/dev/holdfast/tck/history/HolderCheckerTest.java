package dev.holdfast.tck.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.history.HolderChecker.Answer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HolderCheckerTest {
    private static final Key LOCK = Key.of("lock");

    /** Asked for at 5, won at 10, held until 20, released by 25. */
    private static final Hold FIRST = new Hold("a", LOCK, 1, 5, 10, 20, 20, Hold.NEVER, 20, 25);

    /** Waits since 6, holds from 30 to 40, released by 45. */
    private static final Hold SECOND = new Hold("b", LOCK, 2, 6, 30, 40, 40, Hold.NEVER, 40, 45);

    private static Optional<String> wrong(long began, long ended, Optional<Holder> named) {
        return HolderChecker.wrongAnswer(
                List.of(FIRST, SECOND), List.of(new Answer("asker", LOCK, began, ended, named)));
    }

    private static Optional<Holder> named(String value, long token) {
        return Optional.of(new Holder(value, token));
    }

    @Test
    void acceptsTheHolderAndWhatIsOpenAtAHandOff() {
        assertThat(wrong(11, 19, named("a", 1))).isEmpty();
        assertThat(wrong(19, 31, named("a", 1))).isEmpty();
        assertThat(wrong(19, 31, named("b", 2))).isEmpty();
        assertThat(wrong(19, 31, Optional.empty())).isEmpty();
        assertThat(wrong(25, 29, named("a", 1)))
                .as("asked at the very time at which release() had returned")
                .isEmpty();
        assertThat(wrong(26, 29, named("b", 2)))
                .as("granted already, although acquire has not returned yet")
                .isEmpty();
        assertThat(wrong(50, 60, Optional.empty())).isEmpty();
    }

    @Test
    void rejectsAWaiterAndNobodyWhileSomebodyHolds() {
        assertThat(wrong(11, 19, named("b", 2)))
                .hasValueSatisfying(text -> assertThat(text).contains("did not name the holder"));
        assertThat(wrong(11, 19, Optional.empty()))
                .hasValueSatisfying(text ->
                        assertThat(text).contains("did not name the holder").contains("the lock is free"));
    }

    @Test
    void rejectsThePast() {
        assertThat(wrong(26, 29, named("a", 1)))
                .hasValueSatisfying(text -> assertThat(text).contains("past holder"));
    }

    @Test
    void rejectsWhatNeverWasOrNotYet() {
        assertThat(wrong(26, 29, named("a", 9)))
                .hasValueSatisfying(text -> assertThat(text).contains("nobody was ever given"));
        assertThat(wrong(26, 29, named("a", 2)))
                .hasValueSatisfying(text -> assertThat(text).contains("value of one contender"));
        assertThat(wrong(1, 4, named("a", 1)))
                .hasValueSatisfying(text -> assertThat(text).contains("before it was asked for"));
    }

    @Test
    void countsTheAnswersThatCouldOnlyBeOne() {
        List<Answer> answers = List.of(
                new Answer("asker", LOCK, 11, 19, named("a", 1)), new Answer("asker", LOCK, 19, 31, named("a", 1)));
        assertThat(HolderChecker.decided(List.of(FIRST, SECOND), answers)).isEqualTo(1);
    }
}
