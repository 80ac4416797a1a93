package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class S3LaneTest {
    private static final int MOST = 3;

    private final S3Lane lane = new S3Lane("holdfast-test", MOST);

    @AfterEach
    void close() {
        lane.close();
    }

    @Test
    void soManyRunAtOnceAndTheOthersInTheirTurn() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Semaphore begun = new Semaphore(0);
        Semaphore go = new Semaphore(0);
        CountDownLatch all = new CountDownLatch(10);
        for (int i = 0; i < 10; i++) {
            lane.execute(() -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                begun.release();
                go.acquireUninterruptibly();
                running.decrementAndGet();
                all.countDown();
            });
        }
        assertThat(begun.tryAcquire(MOST, 10, TimeUnit.SECONDS)).isTrue();
        go.release(10);
        assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(most).hasValue(MOST);
    }

    /** A thread for each of the first requests would be as many as there may ever be, and all of them cold. */
    @Test
    void oneRequestAfterTheOtherStaysOnFewThreads() throws Exception {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        try (S3Lane wide = new S3Lane("holdfast-test-wide", 64)) {
            for (int i = 0; i < 200; i++) {
                CountDownLatch done = new CountDownLatch(1);
                wide.execute(() -> {
                    threads.add(Thread.currentThread());
                    done.countDown();
                });
                assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            }
        }
        assertThat(threads).hasSizeLessThan(20);
    }

    @Test
    void anInterruptEndsWithTheRequestThatItWasFor() throws Exception {
        CountDownLatch queued = new CountDownLatch(1);
        CompletableFuture<Boolean> next = new CompletableFuture<>();
        try (S3Lane single = new S3Lane("holdfast-test-single", 1)) {
            CompletableFuture<Void> givenUp = S3Call.start(single, () -> {
                boolean ignored = queued.await(10, TimeUnit.SECONDS);
                while (!S3Call.isGivenUp()) {
                    Thread.onSpinWait();
                }
                return null;
            });
            single.execute(() -> next.complete(Thread.currentThread().isInterrupted()));
            queued.countDown();
            givenUp.cancel(false);
            assertThat(next.get(10, TimeUnit.SECONDS)).as("interrupted").isFalse();
        }
    }

    @Test
    void closingInterruptsWhoRunsAndWhoIsInLineNeverDoes() throws Exception {
        CountDownLatch running = new CountDownLatch(MOST);
        CountDownLatch interrupted = new CountDownLatch(MOST);
        AtomicInteger inLine = new AtomicInteger();
        for (int i = 0; i < MOST; i++) {
            lane.execute(() -> {
                running.countDown();
                try {
                    TimeUnit.SECONDS.sleep(60);
                } catch (InterruptedException e) {
                    interrupted.countDown();
                }
            });
        }
        assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
        lane.execute(inLine::incrementAndGet);
        lane.close();
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> lane.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThat(inLine).hasValue(0);
    }
}
