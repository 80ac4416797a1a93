package dev.holdfast.tck;

import dev.holdfast.spi.BackendException;
import dev.holdfast.tck.history.HistoryFile;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockStatistics;
import dev.holdfast.tck.report.TimelineRecorder;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Makes the checks of one run, each in a namespace of its own whose name nobody else has. */
final class Trials implements AutoCloseable {
    /** Of the second that bounds add for the machine; with shorter leases than 2 s, more than a quarter of one. */
    private static final Duration LEAST_STANDSTILL = Duration.ofMillis(500);

    private final Harness harness;
    private final String run = "tck-" + Long.toString(System.nanoTime() & Long.MAX_VALUE, 36);
    private final AtomicInteger begun = new AtomicInteger();
    private final Pulse machine;

    Trials(Harness harness) {
        this(harness, Pulse.start());
    }

    /** @param machine closed with this */
    Trials(Harness harness, Pulse machine) {
        this.harness = harness;
        this.machine = machine;
    }

    /** A trial that records nothing for the report. */
    Trial begin(String id, long seed) {
        return begin(id, seed, new TimelineRecorder());
    }

    private Trial begin(String id, long seed, TimelineRecorder recorder) {
        String name = id.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return new Trial(harness, run + "-" + begun.incrementAndGet() + "-" + name, seed, recorder, machine);
    }

    /** Makes the check, with chance that depends on the seed and the check; whatever it throws is in the result. */
    CheckResult make(Check check, long seed) {
        long start = System.nanoTime();
        TimelineRecorder recorder = new TimelineRecorder();
        Optional<Throwable> problem = problem(check, seed, recorder);
        Outcome outcome = problem.map(Trials::outcome).orElse(Outcome.PASS);
        String detail = problem.map(FailureText::observed).orElse("");
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        List<List<Hold>> holds = recorder.holds();
        LockStatistics locks = holds.stream().map(LockStatistics::of).reduce(LockStatistics.NONE, LockStatistics::plus);
        HistoryFile history = HistoryFile.of(
                harness.type(),
                harness.store(),
                check.rule().id(),
                check.name(),
                seed,
                holds,
                recorder.removals(),
                recorder.storage());
        boolean kept = outcome == Outcome.FAIL && !history.recordsNothing();
        return new CheckResult(check.name(), outcome, detail, took, recorder.timelines(), locks, kept ? history : null);
    }

    private static Outcome outcome(Throwable problem) {
        if (problem instanceof NotApplicableException) {
            return Outcome.ABSENT;
        }
        return problem instanceof UnverifiedException ? Outcome.UNVERIFIED : Outcome.FAIL;
    }

    /** Makes it in a thread of its own, so that one that hangs can be told from one that is slow. */
    private Optional<Throwable> problem(Check check, long seed, TimelineRecorder recorder) {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(
                () -> {
                    try (Trial trial = begin(check.id(), seed ^ check.id().hashCode(), recorder)) {
                        try {
                            make(check, trial, recorder);
                        } finally {
                            recorder.stop();
                        }
                    } catch (Throwable e) {
                        failure.set(e);
                    }
                },
                "holdfast-tck-check");
        thread.setDaemon(true);
        thread.start();
        try {
            TimeUnit.MILLISECONDS.timedJoin(thread, check.bound().toMillis());
            if (thread.isAlive()) {
                return Optional.of(hung(thread, check));
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            return Optional.of(new UnverifiedException("the run was interrupted"));
        }
        return Optional.ofNullable(failure.get());
    }

    /**
     * A call that had no answer in time where the check expected one may be the machine's fault, and so may everything else
     * that leases and bounds decide; but not two holders.
     */
    private void make(Check check, Trial trial, TimelineRecorder recorder) throws Throwable {
        long start = System.nanoTime();
        try {
            check.make(trial);
        } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
            throw machine.tooBusy(e.toString(), trial.requestTimeout(), start)
                    .<Throwable>map(busy -> busy)
                    .orElse(e);
        } catch (AssertionError e) {
            boolean timed = check.rule().area().isTimed();
            boolean exclusive = recorder.holds().stream()
                    .allMatch(holds -> LockChecker.overlap(holds).isEmpty());
            throw timed && exclusive ? machine.shown(e, standstill(trial), start) : e;
        }
    }

    /** How late a machine is that may end leases, or use up the second that bounds add for it. */
    private static Duration standstill(Trial trial) {
        Duration ofLease = trial.lockTtl().dividedBy(4);
        return ofLease.compareTo(LEAST_STANDSTILL) > 0 ? ofLease : LEAST_STANDSTILL;
    }

    private static Throwable hung(Thread thread, Check check) throws InterruptedException {
        AssertionError hung = new AssertionError(
                "the check did not end within " + check.bound().toSeconds() + " s");
        hung.setStackTrace(thread.getStackTrace());
        thread.interrupt();
        TimeUnit.SECONDS.timedJoin(thread, 10);
        return hung;
    }

    @Override
    public void close() {
        machine.close();
    }
}
