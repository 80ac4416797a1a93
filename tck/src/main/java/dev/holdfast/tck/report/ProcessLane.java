package dev.holdfast.tck.report;

import dev.holdfast.spi.Key;
import dev.holdfast.tck.contender.ContenderEvent;
import dev.holdfast.tck.history.Hold;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** What a contender in a process of its own said, as leases and faults on the clock of a history. */
final class ProcessLane {
    private final String name;
    private final Key lock;
    private final Supplier<List<ContenderEvent>> events;

    /** @param events what it said so far */
    ProcessLane(String name, Key lock, Supplier<List<ContenderEvent>> events) {
        this.name = name;
        this.lock = lock;
        this.events = events;
    }

    /** @param origin of the clock, on {@link System#nanoTime}, which processes of one machine share */
    List<Hold> holds(long origin) {
        Map<Long, Hold> holds = new LinkedHashMap<>();
        long current = 0;
        for (ContenderEvent event : events.get()) {
            long at = event.at() - origin;
            switch (event.name()) {
                case "won" -> {
                    current = event.number();
                    holds.put(current, won(current, Long.parseLong(event.text()) - origin, at, at));
                }
                case "interval" ->
                    holds.put(event.number(), won(event.number(), at, at, Long.parseLong(event.text()) - origin));
                case "held" -> {
                    if (event.text().equals("true")) {
                        change(holds, current, hold -> with(hold, at, hold.lost(), hold.releasing()));
                    }
                }
                case "lost" -> change(holds, event.number(), hold -> with(hold, hold.until(), at, hold.releasing()));
                case "released" -> change(holds, event.number(), hold -> with(hold, hold.until(), hold.lost(), at));
                default -> {}
            }
        }
        return List.copyOf(holds.values());
    }

    private static void change(Map<Long, Hold> holds, long token, UnaryOperator<Hold> change) {
        holds.computeIfPresent(token, (number, hold) -> change.apply(hold));
    }

    private Hold won(long token, long asked, long from, long until) {
        long never = Hold.NEVER;
        return new Hold(name, lock, token, asked, from, until, from, never, never, never);
    }

    private static Hold with(Hold old, long until, long lost, long releasing) {
        return new Hold(
                old.contender(),
                old.lock(),
                old.token(),
                old.asked(),
                old.from(),
                until,
                old.open(),
                lost,
                releasing,
                old.released());
    }

    /** The times at which it was stopped, and the rest of its time from when it was killed. */
    List<Timeline.FaultSpan> faults(long origin, long now) {
        List<Timeline.FaultSpan> faults = new ArrayList<>();
        ContenderEvent standing = null;
        for (ContenderEvent event : events.get()) {
            boolean begins = event.name().equals("paused") || event.name().equals("killed");
            if (standing != null && (begins || event.name().equals("resumed"))) {
                faults.add(fault(standing, origin, event.at() - origin));
                standing = null;
            }
            standing = begins ? event : standing;
        }
        if (standing != null) {
            faults.add(fault(standing, origin, now));
        }
        return faults;
    }

    private Timeline.FaultSpan fault(ContenderEvent event, long origin, long to) {
        return new Timeline.FaultSpan(name, event.name(), List.of(), event.at() - origin, to);
    }
}
