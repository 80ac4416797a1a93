package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.put;

import dev.holdfast.ha.Term;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Writers that go on through one term's storage whatever happens, and write down what they should not have been able to. */
final class SplitLoad {
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final List<Pending<Integer>> writers = new ArrayList<>();
    private volatile Duration leaseNeeded = Duration.ZERO;
    private final List<String> paths = new ArrayList<>();
    private volatile boolean stopped;

    /** Starts {@code count} writers. */
    SplitLoad(Trial trial, Term term, int count) {
        for (int i = 0; i < count; i++) {
            String path = "load/" + term.lease().token() + "/" + i;
            paths.add(path);
            writers.add(Pending.call(trial, "writer " + i, () -> write(term, path)));
        }
    }

    private int write(Term term, String path) throws InterruptedException {
        int number = 0;
        while (!stopped) {
            number++;
            Duration needed = leaseNeeded;
            Duration left = term.lease().remaining();
            boolean allowed = term.lease().isHeld() && left.compareTo(needed) >= 0;
            String what = "write " + number + " of " + path + " with " + left.toMillis() + " ms of the lease left";
            try {
                put(term.storage(), path, String.valueOf(number));
                written.incrementAndGet();
                if (!allowed) {
                    wrong.add(what + " was made");
                }
            } catch (BackendException e) {
                refused.incrementAndGet();
                if (!allowed && e.maybeApplied()) {
                    wrong.add(what + " was sent: " + e.getMessage());
                }
                Thread.sleep(1);
            }
        }
        return number;
    }

    /** From now on no renewal can arrive, so whatever is written with less lease left than this is wrong. */
    void needsLease(Duration least) {
        leaseNeeded = least;
    }

    /** What each writer has written last. */
    List<Optional<String>> values(Backend reader) {
        return paths.stream().map(path -> get(reader, path)).toList();
    }

    int written() {
        return written.get();
    }

    int refused() {
        return refused.get();
    }

    /** Ends the writers. */
    void stop(Duration bound) throws Exception {
        stopped = true;
        for (Pending<Integer> writer : writers) {
            int unused = writer.get(bound);
        }
    }

    /** Ends the writers, none of which may have done what is wrong. */
    void stopWithout(String what, Duration bound) throws Exception {
        stop(bound);
        if (!wrong.isEmpty()) {
            throw new Violation(what + ": " + wrong);
        }
    }
}
