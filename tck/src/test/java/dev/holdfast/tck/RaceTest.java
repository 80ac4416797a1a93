package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RaceTest {
    private final TrialResources resources = new TrialResources();

    @Test
    void aRacerThatHangsDoesNotHideWhatAnotherThrew() {
        CountDownLatch never = new CountDownLatch(1);
        assertThatThrownBy(() -> new Race(resources, 2, Duration.ofMillis(200)).run(number -> {
                    if (number == 1) {
                        throw new AssertionError("found wrong");
                    }
                    never.await();
                }))
                .hasMessage("found wrong")
                .satisfies(thrown ->
                        assertThat(thrown.getSuppressed()[0]).hasMessageContaining("racer-0 of 2 was not done"));
    }

    @Test
    void aRacerThatHangsDoesNotMakeAFailureOfWhatAnotherCouldNotTell() {
        CountDownLatch never = new CountDownLatch(1);
        assertThatThrownBy(() -> new Race(resources, 2, Duration.ofMillis(200)).run(number -> {
                    if (number == 1) {
                        throw new UnverifiedException("could not tell");
                    }
                    never.await();
                }))
                .isInstanceOf(UnverifiedException.class)
                .hasMessage("could not tell")
                .satisfies(thrown ->
                        assertThat(thrown.getSuppressed()[0]).hasMessageContaining("racer-0 of 2 was not done"));
    }

    @Test
    void aRacerThatHangsIsAFailureByItself() {
        CountDownLatch never = new CountDownLatch(1);
        assertThatThrownBy(() -> new Race(resources, 2, Duration.ofMillis(100)).run(number -> never.await()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("was not done within 100 ms");
    }
}
