package dev.holdfast.ha;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Alarms;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which writes of a term get through. */
class GuardTest {
    private static final Operation SOMEWHERE = Operation.at("fake", "somewhere");

    private final FakeLease lease = new FakeLease();
    private final Alarms alarms = new Alarms("guard-test");
    private final AtomicInteger sent = new AtomicInteger();
    private final CompletableFuture<BackendException.Fenced> fenced = new CompletableFuture<>();

    private Guard guard(long deadlineMillis) {
        Guard.Bound bound = deadlineMillis == 0 ? null : new Guard.Bound(Duration.ofMillis(deadlineMillis), alarms);
        Guard guard = new Guard(new FakeStorage(), lease, bound, fenced::complete);
        guard.permit(System.nanoTime() + Duration.ofHours(1).toNanos());
        return guard;
    }

    private void write(Guard guard) {
        guard.write("put", "k", sent::incrementAndGet);
    }

    @AfterEach
    void stop() {
        alarms.close();
    }

    @Test
    void nothingIsSentOnceTheLeaseIsNotHeld() {
        Guard guard = guard(0);
        write(guard);
        lease.left = Duration.ZERO;
        assertThatThrownBy(() -> write(guard))
                .isInstanceOf(BackendException.Fenced.class)
                .hasMessageContaining("put without a lease 'k'")
                .hasMessageContaining("not applied");
        assertThat(sent).hasValue(1);
        assertThat(fenced).as("what storage said").isNotDone();
    }

    @Test
    void aBoundedWriteNeedsAsMuchLeaseAsItMayTake() {
        Guard guard = guard(500);
        lease.left = Duration.ofMillis(500);
        write(guard);
        lease.left = Duration.ofMillis(499);
        assertThatThrownBy(() -> write(guard))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("only 499 ms of the lease are left and the write may take 500 ms");
        assertThat(sent).hasValue(1);
    }

    @Test
    void whoMustWriteCanWaitForARenewalButNotForALeaseThatIsGone() throws Exception {
        Guard guard = guard(500);
        lease.left = Duration.ofMillis(499);
        CompletableFuture<Void> renewal = CompletableFuture.runAsync(
                () -> lease.left = Duration.ofSeconds(10),
                CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS));
        guard.awaitLease();
        write(guard);
        renewal.get(20, TimeUnit.SECONDS);
        lease.left = Duration.ZERO;
        guard.awaitLease();
        assertThatThrownBy(() -> guard.own("delete", "k", sent::incrementAndGet))
                .isInstanceOf(BackendException.Fenced.class);
        assertThat(sent).hasValue(1);
    }

    /** But for what the library writes itself. */
    @Test
    void aBoundedWriteNeedsAPermission() throws Exception {
        Guard guard =
                new Guard(new FakeStorage(), lease, new Guard.Bound(Duration.ofMillis(100), alarms), fenced::complete);
        assertThatThrownBy(() -> write(guard))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("could not show in storage for too long that it still holds the lock");
        assertThat(guard.awaitPermission(Duration.ofMillis(50))).isFalse();
        guard.permit(System.nanoTime() - 1);
        assertThatThrownBy(() -> write(guard)).isInstanceOf(BackendException.Unavailable.class);
        guard.own("renewal", "k", sent::incrementAndGet);
        assertThat(sent).hasValue(1);
        assertThat(guard.mayStillArrive(Duration.ofDays(1))).isFalse();
        guard.permit(System.nanoTime() + Duration.ofHours(1).toNanos());
        guard.permit(System.nanoTime()); // an earlier one takes nothing back
        assertThat(guard.awaitPermission(Duration.ZERO)).isTrue();
        write(guard);
        assertThat(sent).hasValue(2);
    }

    /** As a backend does when its thread is interrupted (rule ER-05). */
    private static void hang() {
        try {
            TimeUnit.SECONDS.sleep(30);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackendException.OutcomeUnknown(SOMEWHERE, "interrupted before the answer came", e);
        }
    }

    @Test
    void aBoundedWriteIsCutAtItsDeadlineAndItsThreadIsLeftAsItWas() {
        Guard guard = guard(50);
        long began = System.nanoTime();
        assertThatThrownBy(() -> guard.write("put", "k", GuardTest::hang))
                .isInstanceOf(BackendException.OutcomeUnknown.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofMillis(50), Duration.ofSeconds(5));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(guard.mayStillArrive(Duration.ofSeconds(30))).isTrue();
        assertThat(guard.mayStillArrive(Duration.ZERO)).isFalse();
    }

    /** As of a backend with a pool of threads that has no room. */
    @Test
    void aWriteThatIsRejectedHalfwayIsNotTakenForOneThatWasNeverBegun() {
        Guard guard = guard(5_000);
        assertThatThrownBy(() -> guard.write("put", "k", () -> {
                    throw new RejectedExecutionException("no room");
                }))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessage("no room");
        assertThat(guard.mayStillArrive(Duration.ofSeconds(30))).isTrue();
    }

    @Test
    void nothingIsSentWhenThePairIsClosed() {
        Guard guard = guard(5_000);
        alarms.close();
        assertThatThrownBy(() -> write(guard)).isInstanceOf(BackendException.Closed.class);
        assertThat(sent).hasValue(0);
        assertThat(guard.mayStillArrive(Duration.ofSeconds(30))).isFalse();
    }

    @Test
    void anInterruptOfSomebodyElseIsNotTakenAway() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> guard(5_000).write("put", "k", GuardTest::hang))
                .isInstanceOf(BackendException.OutcomeUnknown.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aShutGuardRefusesNewWritesAndWaitsForThoseUnderWay() throws Exception {
        Guard guard = guard(0);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<Void> slow = CompletableFuture.runAsync(() -> guard.write("put", "slow", () -> {
            inside.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
        inside.await();
        guard.shut();
        assertThatThrownBy(() -> write(guard)).isInstanceOf(BackendException.Fenced.class);
        assertThat(guard.drain(Duration.ofMillis(20))).isFalse();
        go.countDown();
        assertThat(guard.drain(Duration.ofSeconds(20))).isTrue();
        slow.get(20, TimeUnit.SECONDS);
        assertThat(guard.mayStillArrive(Duration.ofDays(1))).isFalse();
    }

    @Test
    void aFenceThatStopsAWriteIsReported() {
        assertThatThrownBy(() -> guard(0).write("put", "k", () -> {
                    throw new BackendException.Fenced(SOMEWHERE, 7);
                }))
                .isInstanceOf(BackendException.Fenced.class);
        assertThat(fenced).isDone();
    }
}
