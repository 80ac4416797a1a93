package dev.holdfast.tck.report;

import dev.holdfast.spi.Key;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.contender.ContenderProcess;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.history.LockHistory;
import dev.holdfast.tck.history.Removal;
import dev.holdfast.tck.history.StorageHistory;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects, from any thread, what the timelines of one check are drawn from. */
public final class TimelineRecorder {
    private static final int MOST = 20_000;

    /** A fault of this check, on {@link System#nanoTime}. */
    public final class Fault {
        private final String target;
        private final String what;
        private final long began = System.nanoTime();
        private @Nullable Long ended;

        private Fault(String target, String what) {
            this.target = target;
            this.what = what;
        }

        /** It stands no more; the first call counts. */
        public void end() {
            synchronized (TimelineRecorder.this) {
                ended = ended == null ? System.nanoTime() : ended;
            }
        }
    }

    private record Attempt(String contender, Key lock, long from, long to, String end) {}

    private static final class Recorded {
        private final Set<String> contenders = new LinkedHashSet<>();
        private final List<Attempt> attempts = new ArrayList<>();
        private final List<ProcessLane> processes = new ArrayList<>();
    }

    private final List<LockHistory> order = new ArrayList<>();
    private final IdentityHashMap<LockHistory, Recorded> histories = new IdentityHashMap<>();
    private final List<Fault> faults = new ArrayList<>();
    private final List<StorageHistory> storage = new ArrayList<>();
    private @Nullable LockHistory processes;
    private int links;
    private @Nullable List<Timeline> drawn;
    private @Nullable List<List<Hold>> seen;

    /** The history is drawn, with a lane for this contender; the lanes are in the order of these calls. */
    public synchronized void contender(LockHistory history, String name) {
        recorded(history).contenders.add(name);
    }

    /** A contender in a process of its own, drawn from what it says; all of a check are drawn together. */
    public synchronized void contender(ContenderProcess process, Key lock) {
        processes = processes == null ? new LockHistory() : processes;
        contender(processes, process.name());
        recorded(processes).processes.add(new ProcessLane(process.name(), lock, process::events));
    }

    /**
     * A request that ended now and without a lease.
     *
     * @param asked {@link LockHistory#now()} before it was made
     * @param end how it ended, in a few words
     */
    public synchronized void attempt(LockHistory history, String contender, Key lock, long asked, String end) {
        List<Attempt> attempts = recorded(history).attempts;
        if (attempts.size() < MOST) {
            attempts.add(new Attempt(contender, lock, asked, history.now(), end));
        }
    }

    /** A fault that stands from now on; what {@link #watch} returns calls this by itself. */
    public synchronized Fault fault(String target, String what) {
        Fault fault = new Fault(target, what);
        if (faults.size() < MOST) {
            faults.add(fault);
        }
        return fault;
    }

    /** The same link, whose faults are recorded under a number. */
    public Link watch(Link link) {
        int number;
        synchronized (this) {
            number = ++links;
        }
        return watch(link, "link " + number);
    }

    /** The same link, whose faults are recorded; {@code target} is the contender who goes this way. */
    public Link watch(Link link, String target) {
        return new RecordedLink(this, link, target);
    }

    /** The same power over the store, whose use is recorded. */
    public StoreControl watch(StoreControl control) {
        return new RecordedControl(this, control);
    }

    /** The same ways to remove a lock, whose use is recorded under their names. */
    public Map<String, LockRemoval> watch(Map<String, LockRemoval> removals) {
        Map<String, LockRemoval> watched = new LinkedHashMap<>();
        removals.forEach((what, removal) -> watched.put(what, (options, lock) -> {
            Fault fault = fault(RecordedControl.STORE, what);
            try {
                removal.remove(options, lock);
            } finally {
                fault.end();
                removed(lock, fault.began);
            }
        }));
        return watched;
    }

    /** Every history whose locks it may have been is told. */
    private synchronized void removed(Key lock, long began) {
        for (LockHistory history : order) {
            history.removed(lock, began - (System.nanoTime() - history.now()));
        }
    }

    /** The removals of each history, in the order of {@link #holds()}. */
    public synchronized List<List<Removal>> removals() {
        return order.stream().map(LockHistory::removals).toList();
    }

    /** The calls of this history belong to what the check recorded, too. */
    public synchronized StorageHistory storage(StorageHistory history) {
        storage.add(history);
        return history;
    }

    /** Every history of calls. */
    public synchronized List<StorageHistory> storage() {
        return List.copyOf(storage);
    }

    /** Every lease of every history, those of contenders in other processes too. */
    public synchronized List<List<Hold>> holds() {
        return seen != null
                ? seen
                : order.stream()
                        .map(history -> holds(history, System.nanoTime() - history.now()))
                        .toList();
    }

    private List<Hold> holds(LockHistory history, long origin) {
        List<Hold> holds = new ArrayList<>(history.holds());
        recorded(history).processes.forEach(process -> holds.addAll(process.holds(origin)));
        return holds;
    }

    /** Nothing that happens from now on counts, such as losses because everything is closed. */
    public synchronized void stop() {
        seen = holds();
        drawn = timelines();
    }

    /** One for each history in which somebody asked for a lock. */
    public synchronized List<Timeline> timelines() {
        if (drawn != null) {
            return drawn;
        }
        List<Timeline> timelines = new ArrayList<>();
        for (LockHistory history : order) {
            long now = history.now();
            long origin = System.nanoTime() - now;
            Recorded recorded = recorded(history);
            TimelineBuilder builder = new TimelineBuilder(recorded.contenders, holds(history, origin), now);
            for (Attempt attempt : recorded.attempts) {
                builder.attempt(attempt.contender, attempt.lock, attempt.from, attempt.to, attempt.end);
            }
            for (Fault fault : faults) {
                if (isOfAnother(recorded, fault.target)) {
                    continue;
                }
                long end = fault.ended == null ? now : fault.ended - origin;
                builder.fault(fault.target, fault.what, fault.began - origin, end);
            }
            for (ProcessLane process : recorded.processes) {
                process.faults(origin, now)
                        .forEach(fault -> builder.fault(fault.target(), fault.what(), fault.from(), fault.to()));
            }
            builder.build().ifPresent(timelines::add);
        }
        return timelines;
    }

    /** Whether only contenders of another history can have noticed. */
    private boolean isOfAnother(Recorded recorded, String target) {
        return !recorded.contenders.contains(target)
                && histories.values().stream().anyMatch(other -> other.contenders.contains(target));
    }

    private Recorded recorded(LockHistory history) {
        return histories.computeIfAbsent(history, added -> {
            order.add(added);
            return new Recorded();
        });
    }
}
