package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeaseThreadsTest {
    private final LeaseThreads threads = new LeaseThreads("test");

    @AfterEach
    void stop() {
        threads.close();
    }

    @Test
    void timeIsKeptByOneDaemonThatBearsTheTypesName() throws Exception {
        CompletableFuture<Thread> first = new CompletableFuture<>();
        CompletableFuture<Thread> second = new CompletableFuture<>();
        threads.after(0, () -> first.complete(Thread.currentThread()));
        threads.after(0, () -> second.complete(Thread.currentThread()));

        Thread timer = Waits.within(first);

        assertThat(Waits.within(second)).isSameAs(timer);
        assertThat(timer.getName()).isEqualTo("holdfast-test-lease");
        assertThat(timer.isDaemon()).isTrue();
    }

    @Test
    void aTaskIsRepeatedUntilItIsCancelled() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        ScheduledFuture<?> task = threads.every(Duration.ofMillis(1), runs::incrementAndGet);
        Waits.await("it runs again", () -> runs.get() > 3);

        task.cancel(false);

        CompletableFuture<Integer> atLast = new CompletableFuture<>();
        threads.after(0, () -> atLast.complete(runs.get())); // behind a run that is under way
        int last = Waits.within(atLast);
        CompletableFuture<Integer> later = new CompletableFuture<>();
        threads.after(Duration.ofMillis(20).toNanos(), () -> later.complete(runs.get()));
        assertThat(Waits.within(later)).isEqualTo(last);
    }

    @Test
    void closingEndsTheTimerAndRefusesNewTasks() throws Exception {
        CompletableFuture<Thread> running = new CompletableFuture<>();
        threads.after(0, () -> running.complete(Thread.currentThread()));
        threads.after(Duration.ofHours(1).toNanos(), () -> {});
        Thread timer = Waits.within(running);

        threads.close();

        Waits.await("the timer's thread ends", () -> !timer.isAlive());
        assertThatThrownBy(() -> threads.after(0, () -> {})).isInstanceOf(RejectedExecutionException.class);
    }
}
