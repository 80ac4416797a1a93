package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlarmsTest {
    private static final Duration SOON = Duration.ofMillis(30);
    private static final Duration LATE = Duration.ofHours(1);

    private final Alarms alarms = new Alarms("alarms-test");

    @AfterEach
    void stop() {
        boolean unused = Thread.interrupted();
        alarms.close();
    }

    /** As a backend does when its thread is interrupted. */
    private static String hang() {
        try {
            TimeUnit.NANOSECONDS.sleep(Waits.BOUND.toNanos());
            throw new AssertionError("nobody rang");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "cut";
        }
    }

    @Test
    void workInTimeIsLeftAlone() throws Exception {
        assertThat(alarms.within(LATE, () -> "done")).isEqualTo("done");
        assertThatThrownBy(() -> alarms.within(LATE, () -> {
                    throw new IOException("its own");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("its own");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void workThatTakesTooLongIsCutAndItsThreadIsLeftAsItWas() {
        long began = System.nanoTime();
        assertThat(alarms.within(SOON, AlarmsTest::hang)).isEqualTo("cut");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(SOON, Waits.BOUND.dividedBy(2));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void anInterruptOfSomebodyElseStaysAlsoWhenTheAlarmRings() {
        Thread.currentThread().interrupt();
        Boolean pending = alarms.within(SOON, () -> {
            Deadline rung = Deadline.after(SOON.multipliedBy(3));
            while (!rung.passed()) {
                Thread.onSpinWait(); // deaf to the interrupt, so that the alarm finds it pending
            }
            return Thread.currentThread().isInterrupted();
        });
        assertThat(pending).isTrue();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void theAlarmNeverRingsForWorkThatCameLater() {
        Duration instant = Duration.ofNanos(1);
        AtomicInteger stray = new AtomicInteger();
        for (int i = 0; i < 20_000; i++) {
            alarms.within(instant, () -> null);
            if (Thread.interrupted()) {
                stray.incrementAndGet();
            }
        }
        assertThat(stray).hasValue(0);
    }

    @Test
    void eachThreadHasItsOwn() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        var patient = Waits.Background.start(() -> alarms.within(LATE, () -> {
            go.await();
            return "done";
        }));
        assertThat(alarms.within(SOON, AlarmsTest::hang)).isEqualTo("cut");
        go.countDown();
        assertThat(Waits.within(patient.result())).isEqualTo("done");
    }

    @Test
    void onceClosedNothingBegins() {
        alarms.close();
        AtomicInteger begun = new AtomicInteger();
        assertThatThrownBy(() -> alarms.within(LATE, begun::incrementAndGet))
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(begun).hasValue(0);
    }
}
