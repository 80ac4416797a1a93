package dev.holdfast.tck.rules;

import dev.holdfast.tck.Trial;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How late this machine runs what is due: a thread that wakes at a fixed rate and each time starts another. A signal
 * that comes about as late as these shows a busy machine and no wrong backend; the check then cannot decide.
 */
final class Pulse implements AutoCloseable {
    private static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(10);

    /** What an unloaded machine manages. */
    private static final long PUNCTUAL = TimeUnit.MILLISECONDS.toNanos(5);

    /** A signal passes through several threads, each of which may have to wait as long as one beat did. */
    private static final int THREADS = 4;

    private record Beat(long due, long ran) {}

    private final LockHistory history;
    private final Queue<Beat> beats = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    private Pulse(LockHistory history) {
        this.history = history;
    }

    /** Beats until the trial ends, on the clock of this history. */
    static Pulse of(Trial trial, LockHistory history) {
        Pulse pulse = trial.keep(new Pulse(history));
        var unused = trial.thread("pulse", pulse::beat);
        return pulse;
    }

    private void beat() {
        for (long due = history.now() + PERIOD; !closed; due += PERIOD) {
            for (long left = due - history.now(); left > 0 && !closed; left = due - history.now()) {
                LockSupport.parkNanos(left);
            }
            long counted = due;
            Thread started = new Thread(() -> beats.add(new Beat(counted, history.now())), "holdfast-tck-beat");
            started.setDaemon(true);
            started.start();
            due = Math.max(due, history.now() - PERIOD);
        }
    }

    /** The longest delay of what was due between these times. */
    Duration worst(long from, long to) {
        long late = beats.stream()
                .filter(beat -> beat.ran() >= from && beat.due() <= to)
                .mapToLong(beat -> beat.ran() - beat.due())
                .max()
                .orElse(to - from);
        return Duration.ofNanos(late);
    }

    /** Whether something that was due between these times and came {@code late} can be the machine's fault. */
    boolean explains(long late, long from, long to) {
        long worst = worst(from, to).toNanos();
        return worst > PUNCTUAL && late <= THREADS * worst;
    }

    @Override
    public void close() {
        closed = true;
    }
}
