package dev.holdfast.tck;

import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/**
 * How late this machine runs what is due: a thread that wakes at a fixed rate and each time starts another. Something
 * that comes about as late as these shows a busy machine and no wrong backend; the check then cannot decide. All times
 * are on the clock of {@link System#nanoTime}.
 */
public final class Pulse implements AutoCloseable {
    private static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(10);

    /** For how long beats are remembered, which is longer than any check asks for. */
    private static final long MEMORY = TimeUnit.MINUTES.toNanos(5);

    /** What an unloaded machine manages. */
    private static final long PUNCTUAL = TimeUnit.MILLISECONDS.toNanos(5);

    /** A signal passes through several threads, each of which may have to wait as long as one beat did. */
    private static final int THREADS = 4;

    /** A call passes through a few processes as well, there and back. */
    private static final int CALL = 8;

    private record Beat(long due, long ran) {}

    private final Deque<Beat> beats = new ConcurrentLinkedDeque<>();

    /** When those beats were due that have not run yet, and the next one. */
    private final Set<Long> outstanding = ConcurrentHashMap.newKeySet();

    private volatile boolean closed;

    /** One that does not beat by itself. */
    Pulse() {}

    /** Beats until it is closed. */
    public static Pulse start() {
        Pulse pulse = new Pulse();
        Thread thread = new Thread(pulse::beat, "holdfast-tck-pulse");
        thread.setDaemon(true);
        thread.start();
        return pulse;
    }

    private void beat() {
        for (long due = System.nanoTime() + PERIOD; !closed; due += PERIOD) {
            expect(due);
            for (long left = due - System.nanoTime(); left > 0 && !closed; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            long counted = due;
            Thread started = new Thread(() -> count(counted, System.nanoTime()), "holdfast-tck-beat");
            started.setDaemon(true);
            started.start();
            due = Math.max(due, System.nanoTime() - PERIOD);
            for (Beat first = beats.peekFirst(); first != null && due - first.due > MEMORY; first = beats.peekFirst()) {
                beats.pollFirst();
            }
        }
    }

    /** Something will be due then. */
    void expect(long due) {
        outstanding.add(due);
    }

    /** What was due then ran then. */
    void count(long due, long ran) {
        beats.addLast(new Beat(due, ran));
        outstanding.remove(due);
    }

    /** The longest delay of what was due between these times, also of what has not run yet. */
    public Duration worst(long from, long to) {
        long now = System.nanoTime(); // what is outstanding after that has been late for longer
        LongStream due = outstanding.stream().mapToLong(each -> each).filter(each -> each - Math.min(to, now) <= 0);
        long late = LongStream.concat(
                        due.map(each -> now - each),
                        beats.stream()
                                .filter(beat -> beat.ran - from >= 0 && beat.due - to <= 0)
                                .mapToLong(beat -> beat.ran - beat.due))
                .max()
                .orElse(to - from);
        return Duration.ofNanos(late);
    }

    /** Whether something that was due between these times and came {@code late} can be the machine's fault. */
    public boolean explains(long late, long from, long to) {
        long worst = worst(from, to).toNanos();
        return worst > PUNCTUAL && late <= THREADS * worst;
    }

    /**
     * Fails a check because something did not happen in time, unless the machine was too busy meanwhile to tell.
     *
     * @param what did not happen, with the bound
     * @param bound the time that it had
     * @param from when that began; it ends now
     * @return what to throw when it cannot be told
     * @throws AssertionError when it can
     */
    public UnverifiedException tooLate(String what, Duration bound, long from) {
        return unexpected(what, bound.dividedBy(CALL), from, System.nanoTime());
    }

    /**
     * Fails a check because something happened that only a machine which is late can excuse.
     *
     * @param what happened
     * @param room how late what was due may have been for this to be no excuse
     * @param from when what happened began
     * @param to when it had happened
     * @return what to throw when the machine was later than that
     * @throws AssertionError when it was not
     */
    public UnverifiedException unexpected(String what, Duration room, long from, long to) {
        return tooBusy(what, room, from, to).orElseThrow(() -> new AssertionError(what));
    }

    /**
     * What a failed check shows: what it threw, or nothing, where the machine was too late meanwhile for its leases and
     * bounds. A {@link Violation} is one on any machine.
     *
     * @param room how late what was due may have been for this to be no excuse
     * @param from when the check began; it ends now
     */
    Throwable shown(Throwable failure, Duration room, long from) {
        return Violation.isIn(failure)
                ? failure
                : tooBusy(FailureText.observed(failure), room, from, System.nanoTime())
                        .<Throwable>map(busy -> busy)
                        .orElse(failure);
    }

    /** What to throw when this machine was too busy to tell what a call that has {@code bound} would have come to. */
    Optional<UnverifiedException> tooBusy(String what, Duration bound, long from) {
        return tooBusy(what, bound.dividedBy(CALL), from, System.nanoTime());
    }

    private Optional<UnverifiedException> tooBusy(String what, Duration room, long from, long to) {
        Duration worst = worst(from, to);
        return worst.compareTo(room) < 0
                ? Optional.empty()
                : Optional.of(new UnverifiedException("this machine is too busy: " + what
                        + ", but what was due meanwhile was up to " + worst.toMillis() + " ms late"));
    }

    @Override
    public void close() {
        closed = true;
    }
}
