package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.NotApplicableException;
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
    private static final Duration PREPARATION = Duration.ofSeconds(20);
    private static final int KILLS = 20;

    /** Each kill has three waiters of its own, and each of those asks five times a second. */
    private static final int KILLS_WHERE_WAITERS_POLL = 6;

    private static final int FEWEST_LEASES = 10;

    /** Eight processes hand the lock around. */
    @Verifies(value = Rule.HA_01, boundSeconds = 150)
    public void processesNeverHoldAtTheSameTime(Trial trial) throws Exception {
        if (!trial.harness().sharedByProcesses()) {
            throw new NotApplicableException("all contenders that there can be are in this process");
        }
        prepareMany(trial);
        List<ContenderProcess> contenders = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            contenders.add(fork(trial, "process-" + i, LOCK, Map.of()));
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
        if (intervals.size() < FEWEST_LEASES) {
            throw new UnverifiedException("8 processes won only " + intervals.size() + " leases in 4 s; at least "
                    + FEWEST_LEASES + " are needed");
        }
    }

    /** Holders that are killed, each at a random moment between two renewals, are replaced in time. */
    @Verifies(value = Rule.LV_01, boundSeconds = 180)
    public void killedHoldersAreReplacedInTime(Trial trial) throws Exception {
        boolean polls = !trial.harness().pollInterval().isZero();
        int kills = polls ? KILLS_WHERE_WAITERS_POLL : KILLS;
        List<Victim> victims = victims(trial, kills);
        List<HABackend> rivals = List.of(trial.openHA(), trial.openHA(), trial.openHA());
        List<List<CompletableFuture<Lease>>> waiting = new ArrayList<>();
        for (Victim victim : victims) {
            List<CompletableFuture<Lease>> three = new ArrayList<>();
            for (HABackend rival : rivals) {
                three.add(waiting(trial, rival, victim.lock()));
            }
            waiting.add(three);
        }
        int[] moments = trial.random()
                .ints(kills, 0, (int) trial.lockTtl().dividedBy(3).toMillis())
                .sorted()
                .toArray();
        long start = System.nanoTime();
        long[] killed = new long[kills];
        for (int i = 0; i < kills; i++) {
            Thread.sleep(Math.max(0, moments[i] - (System.nanoTime() - start) / 1_000_000));
            killed[i] = System.nanoTime();
            victims.get(i).kill();
        }
        for (int i = 0; i < kills; i++) {
            Duration left = trial.expiryBound().minusNanos(System.nanoTime() - killed[i]);
            CompletableFuture<?> first = CompletableFuture.anyOf(waiting.get(i).toArray(CompletableFuture[]::new));
            Lease lease = (Lease) within(left, first, "a waiter wins after holder " + i + " was killed");
            assertThat(lease.token())
                    .as("the waiter's token after that of killed holder " + i)
                    .isGreaterThan(victims.get(i).token());
        }
    }

    /** Started some ahead of the one that is awaited: a machine that starts all at once has none ready in time. */
    private static List<Victim> victims(Trial trial, int number) throws Exception {
        prepareMany(trial);
        int ahead = 2 * Runtime.getRuntime().availableProcessors();
        List<Victim> victims = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            victims.add(trial.harness().sharedByProcesses() ? Victim.process(trial, i) : Victim.cutOff(trial, i));
            if (i >= ahead) {
                victims.get(i - ahead).win();
            }
        }
        for (Victim victim : victims.subList(Math.max(0, number - ahead), number)) {
            victim.win();
        }
        return victims;
    }

    /** A holder that was stopped past its time begins nothing when it wakes. */
    @Verifies(value = Rule.LO_04, boundSeconds = 120, parallel = true)
    public void aStoppedHolderBeginsNothingWhenItWakes(Trial trial) throws Exception {
        ContenderProcess holder = fork(trial, "holder", LOCK, Map.of()).ready();
        ContenderEvent won = holder.ask("acquire", "won", SOON);
        holder.tell("guard");
        ContenderEvent working = holder.ask("guarded", "guarded", SOON);
        assertThat(working.at()).as("the holder does guarded work").isGreaterThan(won.at());
        long over;
        if (trial.harness().sharedByProcesses()) {
            CompletableFuture<Lease> next = waiting(trial, trial.openHA(), LOCK);
            holder.pause();
            var unused = within(
                    trial.expiryBound().plus(trial.lockTtl()), next, "a waiter wins while the holder is stopped");
            over = System.nanoTime();
        } else {
            holder.pause(); // and with it the store, which is in there too
            Thread.sleep(trial.lockTtl().multipliedBy(2).toMillis());
            over = System.nanoTime();
        }
        holder.resume();
        ContenderEvent held = holder.ask("held", "held", SOON);
        assertThat(held.text())
                .as("isHeld() of a holder that was stopped past its time")
                .isEqualTo("false");
        assertThat(held.number()).as("its remaining(), in ms").isZero();
        ContenderEvent guarded = holder.ask("guarded", "guarded", SOON);
        assertThat(guarded.number())
                .as("when the stopped holder began its last guarded operation, against the end of its time")
                .isLessThan(over);
        ContenderEvent lost = holder.await("lost", Duration.ofSeconds(1));
        // Its own clock and the news from the store wake with it, and either may be first.
        assertThat(lost.text()).as("why the stopped holder lost").containsAnyOf("EXPIRED", "REVOKED");
    }

    /** Neither the holder's clock nor a rival's matters. */
    @Verifies(value = Rule.LO_05, boundSeconds = 150, parallel = true)
    public void stepsOfTheWallClockChangeNothing(Trial trial) throws Exception {
        boolean shared = trial.harness().sharedByProcesses();
        try (WallClock clock = WallClock.create()) {
            ContenderProcess holder = fork(trial, "holder", LOCK, clock.environment());
            // Where the store lives in one process, so must the rival.
            ContenderProcess rival = shared ? fork(trial, "rival", LOCK, clock.environment()) : holder;
            holder.ready();
            rival.ready();
            String verb = shared ? "try " : "rival ";
            long began = System.nanoTime();
            ContenderEvent won = holder.ask("acquire", "won", SOON);
            for (Duration step : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
                clock.step(step);
                Duration patience = trial.lockTtl().multipliedBy(3).dividedBy(2);
                long asked = System.nanoTime();
                ContenderEvent none = rival.ask(verb + patience.toMillis(), "none", SOON);
                assertThat(Duration.ofNanos(none.at() - asked))
                        .as("how long a rival waited that had %s, after a step of %s", patience, step)
                        .isGreaterThanOrEqualTo(patience);
                ContenderEvent held = holder.ask("held", "held", SOON);
                if (!held.text().equals("true")) {
                    throw trial.machine()
                            .unexpected(
                                    "the lease was lost after a step of " + step,
                                    trial.lockTtl().dividedBy(4),
                                    began,
                                    System.nanoTime());
                }
                if (shared) {
                    assertThat(trial.openHA()
                                    .lock(key(LOCK), "witness")
                                    .holder()
                                    .map(Holder::token))
                            .as("the holder after a step of " + step)
                            .contains(won.number());
                }
            }
            if (shared) {
                holder.kill();
                clock.step(Duration.ofHours(2));
                ContenderEvent next = rival.ask("acquire", "won", trial.expiryBound());
                assertThat(next.number()).as("the rival's token").isGreaterThan(won.number());
            } else {
                holder.pause();
                clock.step(Duration.ofHours(-2)); // on this clock its time is far from over
                Thread.sleep(trial.lockTtl().multipliedBy(2).toMillis());
                holder.resume();
                ContenderEvent held = holder.ask("held", "held", SOON);
                assertThat(held.text())
                        .as("isHeld() after twice its time, in which the wall clock was set back 2 h")
                        .isEqualTo("false");
                ContenderEvent next = rival.ask("rival " + trial.expiryBound().toMillis(), "won", SOON);
                assertThat(next.number()).as("the rival's token").isGreaterThan(won.number());
            }
        }
    }

    /** Each start is most of the work of a contender. */
    private static void prepareMany(Trial trial) throws InterruptedException, ExecutionException {
        if (!trial.harness().sharedByProcesses()) {
            return;
        }
        try {
            var unused = ContenderProcess.prepare(trial.harness().type(), trial.options())
                    .get(PREPARATION.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            // without the archive it is slower, and that is all
        }
    }

    static ContenderProcess fork(Trial trial, String name, String lock, Map<String, String> environment) {
        ContenderProcess process =
                trial.keep(ContenderProcess.start(name, trial.harness().type(), trial.options(), lock, environment));
        trial.timeline().contender(process, key(lock));
        return process;
    }

    private static CompletableFuture<Lease> waiting(Trial trial, HABackend backend, String lock)
            throws InterruptedException {
        CompletableFuture<Lease> won = new CompletableFuture<>();
        Thread thread = trial.thread("waiter", () -> {
            try {
                won.complete(backend.lock(key(lock), "waiter").acquire());
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

    private static <T> T within(Duration bound, CompletableFuture<T> won, String what)
            throws InterruptedException, ExecutionException {
        try {
            return won.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("not within " + bound.toMillis() + " ms: " + what, e);
        }
    }
}
