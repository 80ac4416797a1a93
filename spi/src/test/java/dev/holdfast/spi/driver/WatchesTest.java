package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.BackendException.Closed;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Operation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // closing is what is tested
class WatchesTest {
    private static final Operation PLACE = Operation.at("test", "here").on("watch", "core/lock");

    private final Watches watches = new Watches();
    private final AtomicReference<Runnable> changed = new AtomicReference<>();
    private final AtomicInteger runs = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    @AfterEach
    void stop() {
        watches.close();
    }

    private HALock.Watch begin(Runnable task) {
        changed.set(task);
        return ended::incrementAndGet;
    }

    @Test
    void aListenerRunsInAThreadOfItsOwnAfterEachChange() throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        watches.add(
                PLACE,
                () -> {
                    thread.complete(Thread.currentThread());
                    runs.incrementAndGet();
                },
                this::begin);
        assertThat(runs).hasValue(0);
        changed.get().run();
        assertThat(Waits.within(thread)).isNotSameAs(Thread.currentThread());
        assertThat(thread.join().isDaemon()).isTrue();
        changed.get().run();
        Waits.await("it runs again", () -> runs.get() == 2);
    }

    @Test
    void changesWhileItRunsAreOneMoreRun() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        watches.add(
                PLACE,
                () -> {
                    running.countDown();
                    Calls.settle(CompletableFuture.runAsync(() -> await(go)), Waits.BOUND);
                    runs.incrementAndGet();
                },
                this::begin);
        changed.get().run();
        running.await();
        for (int i = 0; i < 100; i++) {
            changed.get().run();
        }
        go.countDown();
        Waits.await("it has run for those, too", () -> runs.get() == 2);
        CompletableFuture<Integer> later = new CompletableFuture<>();
        watches.add(PLACE, () -> later.complete(runs.get()), this::begin);
        changed.get().run();
        assertThat(Waits.within(later)).isEqualTo(2);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aListenerThatThrowsIsRunAgain() {
        watches.add(
                PLACE,
                () -> {
                    Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> runs.addAndGet(10));
                    runs.incrementAndGet();
                    throw new IllegalStateException("the listener's own");
                },
                this::begin);
        changed.get().run();
        Waits.await("its failure is shown", () -> runs.get() == 11);
        changed.get().run();
        Waits.await("it runs again", () -> runs.get() == 22);
    }

    @Test
    void onceClosedNothingRunsAndTheDriversPartIsClosed() {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        HALock.Watch watch = watches.add(PLACE, () -> thread.complete(Thread.currentThread()), this::begin);
        changed.get().run();
        Waits.await("it has run", thread::isDone);
        watch.close();
        changed.get().run();
        Waits.await("its thread ends", () -> !thread.join().isAlive());
        assertThat(ended).hasPositiveValue();
    }

    @Test
    void allEndWithTheInstanceAndNoneBeginsLater() {
        watches.add(PLACE, runs::incrementAndGet, this::begin);
        watches.close();
        changed.get().run();
        assertThat(ended).hasPositiveValue();
        assertThatThrownBy(() -> watches.add(PLACE, runs::incrementAndGet, this::begin))
                .isInstanceOf(Closed.class);
        assertThat(runs).hasValue(0);
    }
}
