package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.Violation;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Attempts that somebody gave up. */
public final class AbandonmentRules {
    private static final Key LOCK = key("lock");
    private static final Duration TIMEOUT = Duration.ofMillis(300);

    /** Gives up in every way while another holds the lock, and then nobody is in the way. */
    @Verifies(value = Rule.HA_03, parallel = true)
    public void attemptsThatWereGivenUpAreNeverGranted(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender holder = Contender.of(trial, history, "holder");
        Contender quitter = Contender.of(trial, history, "quitter");
        Contender rival = Contender.of(trial, history, "rival");
        Held held = holder.win(LOCK);
        timesOut(quitter, Duration.ZERO);
        timesOut(quitter, TIMEOUT);
        timesOut(holder, TIMEOUT);
        trial.race(3, TIMEOUT.plusSeconds(2), number -> timesOut(quitter, TIMEOUT.plusMillis(20L * number)));
        isInterrupted(quitter);
        isInterrupted(quitter);
        isClosed(Contender.of(trial, history, "leaver"));
        Pending<Held> behind = rival.contend(LOCK);
        behind.awaitBlocked();
        isInterrupted(quitter);
        isClosed(Contender.of(trial, history, "late leaver"));

        assertThat(held.isHeld())
                .as("the holder's lease after others gave up: %s", held)
                .isTrue();
        held.release();
        Held next = getAtOnce(trial, behind, "a rival that waited behind attempts that were given up");
        next.release();
        isFreeForGood(trial, rival);
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
    }

    private static void timesOut(Contender quitter, Duration timeout) throws InterruptedException {
        long start = System.nanoTime();
        Optional<Held> won = quitter.tryWin(LOCK, timeout);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        String what = "tryAcquire(" + timeout.toMillis() + " ms) of a lock that another holds all the while";
        assertThat(won).as(what).isEmpty();
        assertThat(took).as("time of " + what).isBetween(timeout, timeout.plusSeconds(1));
    }

    private static void isInterrupted(Contender quitter) throws InterruptedException {
        Pending<Held> waiting = quitter.contend(LOCK);
        waiting.awaitBlocked();
        waiting.interrupt();
        assertThat(waiting.failure(Duration.ofSeconds(1)))
                .as("what a waiting acquire of %s throws when its thread is interrupted", quitter)
                .isInstanceOf(InterruptedException.class);
    }

    private static void isClosed(Contender leaver) throws InterruptedException {
        Pending<Held> waiting = leaver.contend(LOCK);
        waiting.awaitBlocked();
        leaver.client().close();
        assertThat(waiting.failure(Duration.ofSeconds(1)))
                .as("what a waiting acquire of %s throws when its client is closed", leaver)
                .isInstanceOf(BackendException.Closed.class);
    }

    /** Nobody who gave up may turn up for two TTLs. */
    private static void isFreeForGood(Trial trial, Contender rival) throws InterruptedException {
        long start = System.nanoTime();
        long end = start + trial.lockTtl().multipliedBy(2).toNanos();
        while (System.nanoTime() - end < 0) {
            String when = (System.nanoTime() - start) / 1_000_000 + " ms after the last one was released";
            assertThat(rival.holder(LOCK))
                    .as("holder() of a lock that nobody wants any more, " + when)
                    .isEmpty();
            Optional<Held> won = rival.tryWin(LOCK, Duration.ZERO);
            assertThat(won)
                    .as("one attempt at a lock that nobody wants any more, " + when)
                    .isPresent();
            won.get().release();
            Thread.sleep(20);
        }
    }

    private static Held getAtOnce(Trial trial, Pending<Held> waiting, String who) throws Exception {
        try {
            return waiting.get(trial.atOnce());
        } catch (AssertionError e) {
            throw new AssertionError(
                    who + " did not win within " + trial.atOnce().toMillis() + " ms of the release", e);
        }
    }

    /** The attempt ends in the very moment in which it is granted: it wins, or it leaves nothing behind. */
    @Verifies(Rule.HA_03)
    public void givingUpInTheMomentOfTheGrantLeavesNothingBehind(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender holder = Contender.of(trial, history, "holder");
        Contender quitter = Contender.of(trial, history, "quitter");
        Contender rival = Contender.of(trial, history, "rival");
        Random random = trial.random();
        for (int round = 0; round < 30; round++) {
            Held held = holder.win(LOCK, trial.atOnce());
            boolean interrupt = random.nextBoolean();
            Duration timeout = Duration.ofMillis(interrupt ? 2_000 : 8 + random.nextInt(8));
            Pending<Optional<Held>> quitting =
                    Pending.call(trial, "quitter " + round, () -> quitter.tryWin(LOCK, timeout));
            Thread.sleep(10, random.nextInt(1_000_000));
            if (interrupt) {
                quitting.interrupt();
            }
            held.release();
            Throwable thrown = quitting.failure(timeout.plusSeconds(1));
            if (thrown == null) {
                quitting.get(Duration.ZERO.plusMillis(1)).ifPresent(Held::release);
            } else {
                assertThat(thrown)
                        .as("round %d: what an interrupted attempt throws", round)
                        .isInstanceOf(InterruptedException.class);
            }
            assertThat(rival.tryWin(LOCK, trial.atOnce()))
                    .as(
                            "round %d: a rival's attempt within %d ms, after the holder released and another %s; holder() says %s",
                            round,
                            trial.atOnce().toMillis(),
                            interrupt ? "was interrupted" : "timed out after " + timeout.toMillis() + " ms",
                            rival.holder(LOCK))
                    .hasValueSatisfying(Held::release);
        }
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
    }

    /** Whoever cannot tell the store is forgotten by it in time. */
    @Verifies(value = Rule.HA_03, parallel = true)
    public void anAttemptThatFailedThroughACutLinkIsForgotten(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender holder = Contender.of(trial, history, "holder");
        Contender rival = Contender.of(trial, history, "rival");
        List<Fault> faults = List.of(Fault.BLACK_HOLE, Fault.LOSE_REPLIES, Fault.RESET);
        List<Contender> cut = new ArrayList<>();
        List<Pending<Optional<Held>>> attempts = new ArrayList<>();
        Held held = holder.win(LOCK);
        for (Fault fault : faults) {
            Contender contender = Contender.linked(trial, history, "cut off by " + fault);
            cut.add(contender);
            attempts.add(Pending.call(trial, contender.name(), () -> contender.tryWin(LOCK, TIMEOUT)));
            attempts.get(attempts.size() - 1).awaitBlocked();
            contender.link().apply(fault);
        }
        for (Pending<Optional<Held>> attempt : attempts) {
            Throwable thrown =
                    attempt.failure(TIMEOUT.plus(trial.requestTimeout()).plusSeconds(1));
            if (thrown == null) {
                assertThat(attempt.get(TIMEOUT))
                        .as("what an attempt won that another holds")
                        .isEmpty();
            } else {
                assertThat(thrown)
                        .as("what an attempt throws whose link was cut")
                        .isInstanceOf(BackendException.Unavailable.class);
            }
        }
        cut.forEach(contender -> contender.link().heal());
        held.release();
        rival.win(LOCK, trial.expiryBound()).release();
        assertThat(rival.tryWin(LOCK, trial.atOnce()))
                .as("a second attempt after the first was released; holder() says %s", rival.holder(LOCK))
                .hasValueSatisfying(Held::release);
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
    }
}
