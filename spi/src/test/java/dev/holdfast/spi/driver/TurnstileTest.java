package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TurnstileTest {
    private final Turnstile turnstile = new Turnstile();

    @Test
    void nothingInsideIsNothingToWaitFor() throws Exception {
        assertThat(turnstile.awaitEmpty(Duration.ZERO)).isTrue();
        assertThat(turnstile.enter()).isTrue();
        assertThat(turnstile.awaitEmpty(Duration.ZERO)).isFalse();
        turnstile.leave();
        assertThat(turnstile.awaitEmpty(Duration.ZERO)).isTrue();
    }

    @Test
    void onceShutNothingComesInAndWhatIsInsideIsWaitedFor() throws Exception {
        assertThat(turnstile.enter()).isTrue();
        assertThat(turnstile.enter()).isTrue();
        turnstile.shut();
        assertThat(turnstile.enter()).isFalse();
        assertThat(turnstile.awaitEmpty(Duration.ofMillis(20))).isFalse();
        var waiting = Waits.Background.start(() -> turnstile.awaitEmpty(Waits.BOUND));
        waiting.awaitBlocked();
        turnstile.leave();
        assertThat(waiting.result()).isNotDone();
        turnstile.leave();
        assertThat(Waits.within(waiting.result())).isTrue();
        assertThat(turnstile.enter()).isFalse();
    }

    @Test
    void aWaitIsEndedByAnInterrupt() {
        assertThat(turnstile.enter()).isTrue();
        var waiting = Waits.Background.start(() -> turnstile.awaitEmpty(Waits.BOUND));
        waiting.awaitBlocked();
        waiting.thread().interrupt();
        assertThatThrownBy(() -> Waits.within(waiting.result())).hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void leavingWithoutHavingEnteredIsAMistakeThatIsSaid() {
        assertThatThrownBy(turnstile::leave).isInstanceOf(IllegalStateException.class);
        assertThat(turnstile.enter()).isTrue();
    }
}
