package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.contender.ContenderEvent;
import dev.holdfast.tck.contender.ContenderProcess;
import dev.holdfast.tck.contender.WallClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What needs holders in processes of their own: killing, stopping, another wall clock, and many at once. */
public final class ProcessRules {
    private static final String LOCK = "lock";
    private static final Duration SOON = Duration.ofSeconds(15);

    /** Eight processes hand the lock around. */
    @Verifies(value = Rule.HA_01, boundSeconds = 90)
    public void processesNeverHoldAtTheSameTime(Trial trial) throws Exception {
        if (!trial.harness().sharedByProcesses()) {
            return; // then all contenders that there can be are in this one
        }
        List<ContenderProcess> contenders = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            contenders.add(fork(trial, "process-" + i, Map.of()));
        }
        for (ContenderProcess contender : contenders) {
            contender.ready();
        }
        contenders.forEach(contender -> contender.tell("churn 4000"));
        record Interval(String who, ContenderEvent event) {
            long until() {
                return Long.parseLong(event.text());
            }
        }
        List<Interval> intervals = new ArrayList<>();
        for (ContenderProcess contender : contenders) {
            ContenderEvent unused = contender.await("churned", Duration.ofSeconds(40));
            contender.events().stream()
                    .filter(event -> event.name().equals("interval"))
                    .forEach(event -> intervals.add(new Interval(contender.name(), event)));
        }
        intervals.sort(Comparator.comparingLong(interval -> interval.event().at()));
        assertThat(intervals).as("leases won by 8 processes in 4 s").hasSizeGreaterThan(10);
        for (int i = 1; i < intervals.size(); i++) {
            Interval before = intervals.get(i - 1);
            Interval after = intervals.get(i);
            assertThat(after.event().at())
                    .as(
                            "%s was still held (token %d) when %s won (token %d), by this many ns",
                            before.who(),
                            before.event().number(),
                            after.who(),
                            after.event().number())
                    .isGreaterThanOrEqualTo(before.until());
            assertThat(after.event().number())
                    .as("token of %s after that of %s", after.who(), before.who())
                    .isGreaterThan(before.event().number());
        }
    }

    /** A holder that was killed is replaced in time. */
    @Verifies(Rule.LV_01)
    public void aKilledHolderIsReplacedInTime(Trial trial) throws Exception {
        requireProcesses(trial);
        ContenderProcess holder = fork(trial, "holder", Map.of()).ready();
        ContenderEvent won = holder.ask("acquire", "won", SOON);
        CompletableFuture<Lease> next = waiting(trial, trial.openHA());
        holder.kill();
        Lease lease = within(trial.expiryBound(), next, "a waiter wins after the holder was killed");
        assertThat(lease.token())
                .as("the waiter's token after the killed holder's")
                .isGreaterThan(won.number());
    }

    /** A holder that was stopped past its time begins nothing when it wakes. */
    @Verifies(Rule.LO_04)
    public void aStoppedHolderBeginsNothingWhenItWakes(Trial trial) throws Exception {
        requireProcesses(trial);
        ContenderProcess holder = fork(trial, "holder", Map.of()).ready();
        ContenderEvent unused = holder.ask("acquire", "won", SOON);
        holder.tell("guard");
        trial.await("the holder does guarded work", SOON, () -> holder.events().size() > 1);
        CompletableFuture<Lease> next = waiting(trial, trial.openHA());
        holder.pause();
        within(trial.expiryBound().plus(trial.lockTtl()), next, "a waiter wins while the holder is stopped");
        long rival = System.nanoTime();
        holder.resume();
        ContenderEvent held = holder.ask("held", "held", SOON);
        assertThat(held.text())
                .as("isHeld() of a holder that was stopped past its time")
                .isEqualTo("false");
        assertThat(held.number()).as("its remaining(), in ms").isZero();
        ContenderEvent guarded = holder.ask("guarded", "guarded", SOON);
        assertThat(guarded.number())
                .as("when the stopped holder began its last guarded operation, against the rival's win")
                .isLessThan(rival);
        ContenderEvent lost = holder.await("lost", Duration.ofSeconds(1));
        assertThat(lost.text()).as("why the stopped holder lost").startsWith("EXPIRED");
    }

    /** Neither the holder's clock nor a rival's matters. */
    @Verifies(value = Rule.LO_05, boundSeconds = 90)
    public void stepsOfTheWallClockChangeNothing(Trial trial) throws Exception {
        requireProcesses(trial);
        try (WallClock clock = WallClock.create()) {
            ContenderProcess holder = fork(trial, "holder", clock.environment()).ready();
            ContenderProcess rival = fork(trial, "rival", clock.environment()).ready();
            ContenderEvent won = holder.ask("acquire", "won", SOON);
            for (Duration step : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
                clock.step(step);
                ContenderEvent none = rival.ask(
                        "try " + trial.lockTtl().multipliedBy(3).dividedBy(2).toMillis(), "none", SOON);
                assertThat(none.at()).as("the rival gave up").isGreaterThan(won.at());
                ContenderEvent held = holder.ask("held", "held", SOON);
                assertThat(held.text()).as("the lease after a step of " + step).isEqualTo("true");
                assertThat(trial.openHA().lock(key(LOCK), "witness").holder().map(Holder::token))
                        .as("the holder after a step of " + step)
                        .contains(won.number());
            }
            holder.kill();
            clock.step(Duration.ofHours(2));
            ContenderEvent next = rival.ask("acquire", "won", trial.expiryBound());
            assertThat(next.number()).as("the rival's token").isGreaterThan(won.number());
        }
    }

    private static ContenderProcess fork(Trial trial, String name, Map<String, String> environment) {
        ContenderProcess process =
                trial.keep(ContenderProcess.start(name, trial.harness().type(), trial.options(), LOCK, environment));
        trial.timeline().contender(process, key(LOCK));
        return process;
    }

    private static CompletableFuture<Lease> waiting(Trial trial, HABackend backend) throws InterruptedException {
        CompletableFuture<Lease> won = new CompletableFuture<>();
        Thread thread = trial.thread("waiter", () -> {
            try {
                won.complete(backend.lock(key(LOCK), "waiter").acquire());
            } catch (Throwable e) {
                won.completeExceptionally(e);
            }
        });
        trial.await(
                "the waiter blocks",
                SOON,
                () -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
        return won;
    }

    private static Lease within(Duration bound, CompletableFuture<Lease> won, String what)
            throws InterruptedException, ExecutionException {
        try {
            return won.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("not within " + bound.toMillis() + " ms: " + what, e);
        }
    }

    private static void requireProcesses(Trial trial) {
        if (!trial.harness().sharedByProcesses()) {
            throw new UnverifiedException("the store lives in one process, so no holder can be forked");
        }
    }
}
