package dev.holdfast.ha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Operation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a node comes to know who leads. */
class LeaderWatchTest {
    private static final Duration PERIOD = Duration.ofMillis(10);

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private volatile Optional<Holder> holder = Optional.empty();
    private volatile boolean down;
    private volatile Runnable news;
    private volatile Optional<Holder> told = Optional.empty();
    private volatile boolean watchable = true;
    private volatile boolean deaf;
    private final LeaderWatch leaders = new LeaderWatch(new Told(), this::ask, PERIOD, this::hear);

    /** A lock whose store tells when a test says so. */
    private final class Told implements HALock {
        @Override
        public Lease acquire() {
            throw new AssertionError("nobody contends");
        }

        @Override
        public Optional<Lease> tryAcquire(Duration timeout) {
            throw new AssertionError("nobody contends");
        }

        @Override
        public Optional<Holder> holder() {
            return holder;
        }

        @Override
        public Watch watch(Duration poll, Runnable listener) {
            assertThat(poll).isEqualTo(PERIOD);
            if (!watchable) {
                watchable = true;
                throw new NoClassDefFoundError("some/Watch");
            }
            news = listener;
            return closed::incrementAndGet;
        }
    }

    private void hear(Optional<Holder> now) {
        if (deaf) {
            deaf = false;
            throw new NoClassDefFoundError("some/Dashboard");
        }
        told = now;
    }

    private Optional<Holder> ask() {
        asked.incrementAndGet();
        if (down) {
            throw new BackendException.Unavailable(Operation.at("fake", "nowhere"), "no answer", null);
        }
        return holder;
    }

    @AfterEach
    void stop() {
        leaders.close();
    }

    private static void await(BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - began)
                    .isLessThan(Duration.ofSeconds(20).toNanos());
            Thread.onSpinWait();
        }
    }

    @Test
    void itAsksWhenItIsToldToAndNotOtherwise() throws Exception {
        leaders.start();
        await(() -> asked.get() == 1);
        Optional<Holder> a = Optional.of(new Holder("a", 1));
        holder = a;
        Thread.sleep(PERIOD.toMillis() * 10); // ten periods of who would poll
        assertThat(asked).hasValue(1);
        news.run();
        await(() -> a.equals(told));
        assertThat(leaders.leader()).isEqualTo(a);
        assertThat(asked).hasValue(2);
    }

    @Test
    void itAsksAgainByItselfWhenThereWasNoAnswer() {
        down = true;
        leaders.start();
        await(() -> asked.get() > 3);
        Optional<Holder> a = Optional.of(new Holder("a", 1));
        holder = a;
        down = false;
        await(() -> a.equals(leaders.leader()));
    }

    @Test
    void anErrorOfTheListenerOrOfTheWatchIsNotTheEndOfIt() {
        watchable = false;
        deaf = true;
        holder = Optional.of(new Holder("a", 1));
        leaders.start();
        await(() -> leaders.leader().equals(holder) && !deaf && news != null);
        Optional<Holder> b = Optional.of(new Holder("b", 2));
        holder = b;
        news.run();
        await(() -> b.equals(told));
    }

    @Test
    void closingItEndsTheWatch() {
        leaders.start();
        await(() -> asked.get() == 1);
        leaders.close();
        await(() -> closed.get() == 1);
    }
}
