package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HolderPollTest {
    private static final Operation PLACE = Operation.at("test", "here").on("holder", "core/lock");

    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private volatile Optional<Holder> holder = Optional.empty();
    private volatile BackendException failure;
    private volatile Error fault;
    private final HolderPoll poll = new HolderPoll(this::ask, Duration.ofMillis(1), told::incrementAndGet);

    @AfterEach
    void stop() {
        poll.close();
    }

    private Optional<Holder> ask() {
        threads.add(Thread.currentThread());
        asked.incrementAndGet();
        if (failure != null) {
            throw failure;
        }
        if (fault != null) {
            throw fault;
        }
        return holder;
    }

    private void awaitAsked() {
        int before = asked.get();
        Waits.await("it asks twice more", () -> asked.get() > before + 1);
    }

    @Test
    void tellsWhenItBeginsAndWhenTheAnswerIsAnotherOne() {
        awaitAsked();
        assertThat(told).hasValue(1);
        holder = Optional.of(new Holder("a", 1));
        awaitAsked();
        assertThat(told).hasValue(2);
        holder = Optional.of(new Holder("a", 2));
        awaitAsked();
        assertThat(told).hasValue(3);
    }

    @Test
    void goesOnAskingAStoreThatDoesNotAnswer() {
        awaitAsked();
        failure = new BackendException.Unavailable(PLACE, "no answer", null);
        awaitAsked();
        assertThat(told).hasValue(1);
        holder = Optional.of(new Holder("a", 1));
        failure = null;
        awaitAsked();
        assertThat(told).hasValue(2);
    }

    @Test
    void goesOnAfterAFaultOfTheDriverAndShowsItOnce() {
        List<Throwable> shown = new CopyOnWriteArrayList<>();
        awaitAsked();
        threads.get(0).setUncaughtExceptionHandler((thread, problem) -> shown.add(problem));
        Error first = new AssertionError("a fault");
        fault = first;
        awaitAsked();
        holder = Optional.of(new Holder("a", 1));
        fault = null;
        awaitAsked();
        assertThat(told).hasValue(2);
        assertThat(shown).containsExactly(first);
    }

    @Test
    void endsWithItsBackend() {
        awaitAsked();
        failure = new BackendException.Closed(PLACE, false);
        Waits.await("its thread ends", () -> !threads.get(0).isAlive());
        assertThat(told).hasValue(1);
    }

    @Test
    void endsWhenItIsClosed() {
        awaitAsked();
        poll.close();
        Waits.await("its thread ends", () -> !threads.get(0).isAlive());
    }
}
