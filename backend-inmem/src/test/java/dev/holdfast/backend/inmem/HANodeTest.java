package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.ha.HAEvent.Kind;
import dev.holdfast.ha.HANode;
import dev.holdfast.ha.Term;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a service is told, and when. */
class HANodeTest {
    @RegisterExtension
    final HALab lab = new HALab();

    @Test
    void oneNodeIsActiveAndTheOtherKnowsWhichUntilItTakesOver() {
        HALab.Node a = lab.node("a").start();
        Term first = a.active();
        HALab.Node b = lab.node("b").start();
        Holder leader = new Holder("a", first.lease().token());
        Lab.await("b knows the leader", () -> b.node.leader().equals(Optional.of(leader)));
        assertThat(b.node.state()).isEqualTo(HANode.State.STANDBY);
        first.storage().put(Lab.entry("x", "from a"));

        a.node.close();
        Term second = b.active();
        assertThat(second.lease().token()).isGreaterThan(first.lease().token());
        assertThat(second.storage().get(Key.of("x"))).contains(Lab.entry("x", "from a"));
        assertThat(a.calls).containsExactly("active " + first.lease().token(), "standby CLOSED");
        assertThat(a.node.state()).isEqualTo(HANode.State.CLOSED);
        assertThatThrownBy(() -> first.storage().put(Lab.entry("x", "late")))
                .isInstanceOf(BackendException.Fenced.class);
    }

    @Test
    void aLostLeaseStopsTheServiceWhichIsActiveAgainOnlyWithAHigherToken() {
        HALab.Node a = lab.node("a").start();
        Term first = a.active();
        lab.deleteLock();
        a.event(Kind.LEASE_LOST);
        assertThat(first.isActive()).isFalse();
        assertThatThrownBy(() -> first.storage().put(Lab.entry("x", "late")))
                .isInstanceOf(BackendException.Fenced.class)
                .hasMessageContaining("not applied");
        Lab.await(
                "it is active again", () -> a.node.term().filter(Term::isActive).isPresent());
        Term second = a.active();
        assertThat(second.lease().token()).isGreaterThan(first.lease().token());
        assertThat(a.calls)
                .containsExactly(
                        "active " + first.lease().token(),
                        "standby LEASE_LOST",
                        "active " + second.lease().token());
    }

    @Test
    void whoCannotReachStorageGivesTheLockUpAndLeavesItToOthers() {
        HALab.Node a = lab.node("a").start();
        a.active();
        HALab.Node b = lab.node("b").start();
        a.dataLink().blackHole();
        b.active();
        assertThat(a.event(Kind.STORAGE_LOST).why()).contains("storage has answered nothing");
        b.node.stepDown(Duration.ofSeconds(60));
        b.event(Kind.STOPPED);
        Lab.await("nobody holds the lock", () -> b.node.leader().isEmpty());
        Lab.await("a stands by", () -> a.node.state() == HANode.State.STANDBY);
        a.dataLink().heal();
        a.active();
    }

    @Test
    void steppingDownLetsTheServiceFinishItsWritesAndOthersBeActive() {
        HALab.Node a = lab.node("a");
        CompletableFuture<Term> term = new CompletableFuture<>();
        a.start(a.builder().onActive(term::complete).onStandby(why -> {
            assertThat(term.join().isActive()).isFalse();
            term.join().storage().put(Lab.entry("last", "written"));
            a.calls.add("flushed");
        }));
        a.active();
        HALab.Node b = lab.node("b").start();
        assertThat(b.node.stepDown()).isFalse();
        Lab.await("b waits", () -> b.node.leader().isPresent());
        assertThat(a.node.stepDown()).isTrue();
        assertThat(b.active().storage().get(Key.of("last"))).contains(Lab.entry("last", "written"));
        assertThat(a.calls).containsExactly("flushed");
    }

    @Test
    void closingEndsThePauseAfterAStepDownAtOnce() {
        HALab.Node a = lab.node("a").start();
        a.active();
        assertThat(a.node.stepDown(Duration.ofMinutes(10))).isTrue();
        a.event(Kind.STOPPED);
        Lab.await("it pauses", () -> a.node.state() == HANode.State.STANDBY);
        long began = System.nanoTime();

        a.node.close();

        assertThat(a.node.state()).isEqualTo(HANode.State.CLOSED);
        assertThat((System.nanoTime() - began) / 1_000_000).isLessThan(5_000);
    }

    @Test
    void aServiceThatDoesNotStartIsStoppedAndTriedAgainWithinMilliseconds() {
        HALab.Node a = lab.node("a");
        AtomicInteger attempts = new AtomicInteger();
        long began = System.nanoTime();
        a.start(a.builder().onActive(term -> {
            if (attempts.incrementAndGet() < 4) {
                throw new java.io.IOException("port in use");
            }
        }));
        a.active();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
        assertThat(a.event(Kind.FAILED).why()).contains("port in use");
        assertThat(a.calls).containsExactly("standby FAILED", "standby FAILED", "standby FAILED");
    }

    @Test
    void aServiceThatDiesOfAnErrorWhileItStartsGivesTheLockUp() {
        HALab.Node a = lab.node("a");
        AtomicInteger attempts = new AtomicInteger();
        a.start(a.builder().onActive(term -> {
            if (attempts.incrementAndGet() == 1) {
                throw new NoClassDefFoundError("some/Driver");
            }
        }));
        a.active();
        assertThat(a.event(Kind.FAILED).why()).contains("some/Driver");
    }

    @Test
    void aStartThatHangsIsInterruptedWhenTheLeaseIsLost() {
        HALab.Node a = lab.node("a");
        AtomicInteger attempts = new AtomicInteger();
        CountDownLatch never = new CountDownLatch(1);
        a.start(a.builder().onActive(term -> {
            if (attempts.incrementAndGet() == 1) {
                never.await();
            }
        }));
        Lab.await("the start hangs", () -> attempts.get() == 1);
        lab.deleteLock();
        a.active();
        assertThat(a.calls).containsExactly("standby LEASE_LOST");
    }

    @Test
    void aServiceThatDoesNotStopIsReportedAndKeepsOnlyItsOwnNodeFromContending() {
        HALab.Node a = lab.node("a");
        CountDownLatch stubborn = new CountDownLatch(1);
        a.start(a.builder().stopTimeout(Duration.ofMillis(100)).onStandby(why -> {
            while (stubborn.getCount() > 0) {
                Thread.onSpinWait();
            }
        }));
        a.active();
        HALab.Node b = lab.node("b").start();
        a.node.stepDown(Duration.ZERO);
        a.event(Kind.STOP_OVERDUE);
        b.active();
        b.node.close();
        assertThat(a.node.state()).isEqualTo(HANode.State.STOPPING);
        stubborn.countDown();
        a.active();
    }

    @Test
    void whoIsClosedWhileItsServiceGoesOnDoesNotSayThatItHasStopped() {
        HALab.Node a = lab.node("a");
        CountDownLatch stubborn = new CountDownLatch(1);
        a.start(a.builder().stopTimeout(Duration.ofMillis(100)).onStandby(why -> {
            while (stubborn.getCount() > 0) {
                Thread.onSpinWait();
            }
        }));
        a.active();
        a.node.close();
        a.event(Kind.STOP_OVERDUE);
        Lab.await(
                "it has said that it is being closed, and that it is",
                () -> a.events.stream()
                                .filter(event -> event.kind() == Kind.CLOSED)
                                .count()
                        == 2);
        stubborn.countDown();
        assertThat(a.had(Kind.STOPPED))
                .as("it said that the service has stopped")
                .isFalse();
    }

    @Test
    void closingFromACallbackDoesNotWaitForItself() {
        HALab.Node a = lab.node("a");
        CompletableFuture<Duration> took = new CompletableFuture<>();
        a.start(a.builder().onActive(term -> {
            long began = System.nanoTime();
            a.node.close();
            took.complete(Duration.ofNanos(System.nanoTime() - began));
        }));
        Lab.await("it is closed", () -> a.node.state() == HANode.State.CLOSED);
        assertThat(took).isCompletedWithValueMatching(time -> time.toMillis() < 5_000);
        HALab.Node b = lab.node("b").start();
        b.active();
    }

    @Test
    void closingAWaitingNodeLeavesNothingInTheQueue() {
        HALab.Node a = lab.node("a").start();
        a.active();
        HALab.Node b = lab.node("b").start();
        Lab.await("b waits", () -> b.node.leader().isPresent());
        b.node.close();
        assertThat(b.node.state()).isEqualTo(HANode.State.CLOSED);
        a.node.close();
        HALab.Node c = lab.node("c").start();
        c.active();
    }

    @Test
    void releasingTheLeaseIsSteppingDown() {
        HALab.Node a = lab.node("a").start();
        Term term = a.active();
        term.lease().release();
        assertThat(a.event(Kind.STEPPED_DOWN).why()).contains("released");
        Lab.await("it is active again", () -> a.calls.size() == 3);
    }
}
