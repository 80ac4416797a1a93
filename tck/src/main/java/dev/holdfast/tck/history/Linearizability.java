package dev.holdfast.tck.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the history of one key is linearizable: whether each call can be given one instant between its start
 * and its end such that every get returns what the last write before it left. A write of unknown outcome may be given
 * any instant after its start, or none.
 *
 * <p>The search is that of Wing and Gong with the cache of Lowe: it goes through the calls and returns in the order of
 * time, takes any call that fits, and goes back at the first return of a call that was not taken; a set of taken calls
 * that was reached before with the same value is not searched again.
 */
public final class Linearizability {
    private static final int SHOWN = 12;

    /** The answer; anything but YES is no pass. */
    public enum Verdict {
        /** There is such an order. */
        YES,
        /** There is none. */
        NO,
        /** The search was given up. */
        UNDECIDED
    }

    /**
     * The answer and why.
     *
     * @param explanation for NO and UNDECIDED: the calls around the first that fits nowhere
     */
    public record Answer(Verdict verdict, String explanation) {}

    /** A call or a return, in a list from which both are lifted when the call is taken. */
    private static final class Event {
        final int operation;
        final boolean call;
        final long at;

        @Nullable
        Event match;

        @Nullable
        Event next;

        @Nullable
        Event previous;

        Event(int operation, boolean call, long at) {
            this.operation = operation;
            this.call = call;
            this.at = at;
        }
    }

    private record Seen(BitSet taken, @Nullable String value) {}

    private record Step(Event call, @Nullable String value) {}

    private final List<StorageOperation> operations;
    private final Event head = new Event(-1, true, Long.MIN_VALUE);
    private final BitSet taken = new BitSet();
    private @Nullable String value;
    private int farthest;
    private String stuck = "";

    private Linearizability(List<StorageOperation> history) {
        this.operations = bounded(history);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < operations.size(); i++) {
            StorageOperation operation = operations.get(i);
            Event call = new Event(i, true, operation.start());
            events.add(call);
            if (operation.certain()) {
                Event end = new Event(i, false, operation.end());
                call.match = end;
                events.add(end);
            }
        }
        // At the same instant calls come first: the two overlap, which allows more.
        events.sort(Comparator.<Event>comparingLong(event -> event.at).thenComparing(event -> !event.call));
        Event last = head;
        for (Event event : events) {
            last.next = event;
            event.previous = last;
            last = event;
        }
    }

    /**
     * Puts of unknown outcome with all that reads tell of them: one whose value was read took effect before the first
     * such read ended; one whose value was never read makes no difference to anybody and is left out. Without this a few
     * of them would make the search endless.
     */
    private static List<StorageOperation> bounded(List<StorageOperation> history) {
        Map<String, Long> firstRead = new HashMap<>();
        for (StorageOperation operation : history) {
            String value = operation.value();
            if (operation.kind() == StorageOperation.Kind.GET && value != null) {
                firstRead.merge(value, operation.end(), Math::min);
            }
        }
        List<StorageOperation> bounded = new ArrayList<>();
        for (StorageOperation operation : history) {
            if (operation.certain() || operation.kind() != StorageOperation.Kind.PUT) {
                bounded.add(operation);
            } else if (firstRead.containsKey(operation.value())) {
                bounded.add(operation.endingBy(firstRead.get(operation.value())));
            }
        }
        return bounded;
    }

    /**
     * Checks one key's history, which begins with the key absent. No value is put twice.
     *
     * @param steps how many steps of the search to make before giving up
     */
    public static Answer check(List<StorageOperation> history, long steps) {
        return new Linearizability(history).search(steps);
    }

    private Answer search(long steps) {
        Set<Seen> seen = new HashSet<>();
        Deque<Step> path = new ArrayDeque<>();
        Event event = head.next;
        for (long step = 0; event != null; step++) {
            if (step > steps) {
                return new Answer(Verdict.UNDECIDED, "gave up after " + steps + " steps; got stuck at " + stuck);
            }
            if (event.call) {
                Event taking = event;
                event = take(taking, path, seen) ? head.next : taking.next;
            } else if (path.isEmpty()) {
                remember(event);
                return new Answer(Verdict.NO, stuck);
            } else {
                remember(event);
                event = giveBack(path.pop());
            }
        }
        return new Answer(Verdict.YES, ""); // what is left are writes of unknown outcome, which need not have happened
    }

    private boolean take(Event call, Deque<Step> path, Set<Seen> seen) {
        StorageOperation operation = operations.get(call.operation);
        if (operation.kind() == StorageOperation.Kind.GET && !Objects.equals(operation.value(), value)) {
            return false;
        }
        BitSet after = (BitSet) taken.clone();
        after.set(call.operation);
        if (!seen.add(new Seen(after, operation.value()))) {
            return false;
        }
        path.push(new Step(call, value));
        taken.set(call.operation);
        value = operation.value();
        unlink(call);
        if (call.match != null) {
            unlink(call.match);
        }
        return true;
    }

    private @Nullable Event giveBack(Step step) {
        Event call = step.call();
        taken.clear(call.operation);
        value = step.value();
        if (call.match != null) {
            link(call.match);
        }
        link(call);
        return call.next;
    }

    private static void unlink(Event event) {
        Event before = Objects.requireNonNull(event.previous);
        before.next = event.next;
        if (event.next != null) {
            event.next.previous = before;
        }
    }

    private static void link(Event event) {
        Objects.requireNonNull(event.previous).next = event;
        if (event.next != null) {
            event.next.previous = event;
        }
    }

    /** Keeps, for the message, the state of the search where it came farthest. */
    private void remember(Event returned) {
        if (taken.cardinality() < farthest) {
            return;
        }
        farthest = taken.cardinality();
        StorageOperation operation = operations.get(returned.operation);
        String around = operations.stream()
                .filter(other -> other.start() <= operation.end() && other.end() >= operation.start())
                .sorted(Comparator.comparingLong(StorageOperation::start))
                .limit(SHOWN)
                .map(other -> String.format(
                        "%s from %+.3f to %s ms",
                        other,
                        (other.start() - operation.start()) / 1e6,
                        other.certain() ? String.format("%+.3f", (other.end() - operation.start()) / 1e6) : "…"))
                .collect(Collectors.joining("\n  "));
        stuck = operation + " fits nowhere: when it ended the value was " + (value == null ? "absent" : value)
                + " in every order tried; it overlaps\n  " + around;
    }
}
