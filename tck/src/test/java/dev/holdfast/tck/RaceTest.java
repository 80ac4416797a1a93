package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RaceTest {
    /** Waited for to its end, by when the other racer has thrown also on a machine that is late. */
    private static final Duration LATE_ENOUGH = Duration.ofSeconds(3);

    private final TrialResources resources = new TrialResources();

    @Test
    void aRacerThatHangsDoesNotHideWhatAnotherThrew() {
        CountDownLatch never = new CountDownLatch(1);
        assertThatThrownBy(() -> new Race(resources, 2, LATE_ENOUGH).run(number -> {
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
        assertThatThrownBy(() -> new Race(resources, 2, LATE_ENOUGH).run(number -> {
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
    void ofThoseThatThrewAViolationIsToldFirst() {
        CompletableFuture<Thread> first = new CompletableFuture<>();
        assertThatThrownBy(() -> new Race(resources, 2, Duration.ofSeconds(40)).run(number -> {
                    if (number == 0) {
                        first.complete(Thread.currentThread());
                        throw new AssertionError("not in time");
                    }
                    TimeUnit.SECONDS.timedJoin(first.get(20, TimeUnit.SECONDS), 20);
                    throw new Violation("two holders");
                }))
                .isInstanceOf(Violation.class)
                .hasMessage("two holders")
                .satisfies(thrown -> assertThat(thrown.getSuppressed()[0]).hasMessage("not in time"));
    }

    @Test
    void aRacerThatHangsIsAFailureByItself() {
        CountDownLatch never = new CountDownLatch(1);
        assertThatThrownBy(() -> new Race(resources, 2, Duration.ofMillis(100)).run(number -> never.await()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("was not done within 100 ms");
    }
}
