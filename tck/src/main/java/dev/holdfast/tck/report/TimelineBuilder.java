package dev.holdfast.tck.report;

import dev.holdfast.spi.Key;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.report.Timeline.Attempt;
import dev.holdfast.tck.report.Timeline.FaultSpan;
import dev.holdfast.tck.report.Timeline.Lane;
import dev.holdfast.tck.report.Timeline.Left;
import dev.holdfast.tck.report.Timeline.Overview;
import dev.holdfast.tck.report.Timeline.Span;
import dev.holdfast.tck.report.Timeline.Violation;
import dev.holdfast.tck.report.Timeline.Window;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Makes one timeline of what was recorded: sorts it into lanes, finds what is wrong, and leaves out what nobody could read. */
final class TimelineBuilder {
    static final int LANES = 32;
    static final int HOLDS = 400;
    static final int ATTEMPTS = 200;
    static final int FAULTS = 200;
    static final int VIOLATIONS = 50;
    private static final int STEPS = 120;

    private record Request(Lane lane, String lock, long from, long to, String end) {}

    private final Collection<String> contenders;
    private final List<Hold> holds;
    private final long now;
    private final boolean laneForEachLock;
    private final List<Request> attempts = new ArrayList<>();
    private final List<FaultSpan> faults = new ArrayList<>();
    private final Map<Lane, Integer> lanes = new LinkedHashMap<>();

    /**
     * @param contenders those whose lanes come first, in this order
     * @param now until when nothing else happened
     */
    TimelineBuilder(Collection<String> contenders, List<Hold> holds, long now) {
        this.contenders = contenders;
        this.holds = holds.stream().sorted(Comparator.comparingLong(Hold::from)).toList();
        this.now = now;
        this.laneForEachLock = severalAtOnce(this.holds);
    }

    /** Whether leases of different locks were held at one time, so that one lane could not show them. */
    private static boolean severalAtOnce(List<Hold> sorted) {
        Hold longest = null;
        for (Hold hold : sorted) {
            if (longest != null && !longest.lock().equals(hold.lock()) && longest.until() > hold.from()) {
                return true;
            }
            longest = longest == null || hold.until() > longest.until() ? hold : longest;
        }
        return false;
    }

    void attempt(String contender, Key lock, long from, long to, String end) {
        attempts.add(new Request(lane(contender, lock), lock.path(), from, to, end));
    }

    /** {@code target} is a contender, or what concerns all of them. */
    void fault(String target, String what, long from, long to) {
        faults.add(new FaultSpan(target, what, List.of(), from, to));
    }

    /** Nothing when nobody asked for a lock. */
    Optional<Timeline> build() {
        if (holds.isEmpty() && attempts.isEmpty()) {
            return Optional.empty();
        }
        long from = Math.min(
                holds.stream().mapToLong(Hold::asked).min().orElse(now),
                attempts.stream().mapToLong(Request::from).min().orElse(now));
        long to = ended(from);
        List<FaultSpan> standing = faults.stream()
                .filter(fault -> fault.to() > from && fault.from() < to)
                .toList();
        List<Violations.Pair> violations = holds.stream()
                .collect(Collectors.groupingBy(Hold::lock, LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .flatMap(ofOneLock -> Violations.of(ofOneLock).stream())
                .sorted(Comparator.comparingLong(Violations.Pair::from))
                .toList();
        List<Window> windows = Windows.choose(holds, violations, standing, from, to);
        int lanesLeft = chooseLanes(violations, windows);

        List<Hold> shownHolds = limit(holds, hold -> shown(hold) && touches(windows, hold), HOLDS);
        List<Request> shownAttempts =
                limit(attempts, each -> lanes.containsKey(each.lane) && touches(windows, each.from, each.to), ATTEMPTS);
        List<FaultSpan> shownFaults = limit(standing, this::concernsALane, FAULTS);
        List<Violations.Pair> shownViolations =
                limit(violations, pair -> shown(pair.first()) && shown(pair.second()), VIOLATIONS);
        return Optional.of(new Timeline(
                from,
                to,
                List.copyOf(lanes.keySet()),
                shownHolds.stream()
                        .map(hold -> Span.of(index(lane(hold)), hold))
                        .toList(),
                shownAttempts.stream()
                        .map(each -> new Attempt(index(each.lane), each.lock, each.from, each.to, each.end))
                        .toList(),
                shownFaults.stream().map(this::inItsLanes).toList(),
                shownViolations.stream().map(this::violation).toList(),
                windows,
                holds.size() > Windows.READABLE ? overview(from, to) : null,
                new Left(
                        lanesLeft,
                        holds.size() - shownHolds.size(),
                        attempts.size() - shownAttempts.size(),
                        standing.size() - shownFaults.size(),
                        violations.size() - shownViolations.size())));
    }

    /** A little after everything was over, or now when something is not. */
    private long ended(long from) {
        long last = from;
        for (Hold hold : holds) {
            last = Math.max(last, end(hold));
        }
        for (Request attempt : attempts) {
            last = Math.max(last, attempt.to);
        }
        return last >= now ? now : Math.min(now, last + Math.max(1, (last - from) / 200));
    }

    private static <T> List<T> limit(List<T> all, Predicate<T> chosen, int most) {
        return all.stream().filter(chosen).limit(most).toList();
    }

    /** The lanes where something is wrong stay in any case; then those in the windows, in order. Returns how many do not. */
    private int chooseLanes(List<Violations.Pair> violations, List<Window> windows) {
        Set<Lane> wrong = new LinkedHashSet<>();
        violations.forEach(pair -> wrong.addAll(List.of(lane(pair.first()), lane(pair.second()))));
        Set<Lane> all = new LinkedHashSet<>();
        if (!laneForEachLock) {
            contenders.forEach(contender -> all.add(new Lane(contender, null)));
        }
        List<String> introduced = List.copyOf(contenders);
        Comparator<Hold> byLock = Comparator.comparing(Hold::lock);
        List<Hold> ordered = laneForEachLock
                ? holds.stream()
                        .sorted(byLock.thenComparing(hold -> introduced.indexOf(hold.contender())))
                        .toList()
                : holds;
        ordered.stream().filter(hold -> touches(windows, hold)).forEach(hold -> all.add(lane(hold)));
        attempts.stream().filter(each -> touches(windows, each.from, each.to)).forEach(each -> all.add(each.lane));
        all.addAll(wrong);
        int spare = LANES - Math.min(LANES, wrong.size());
        for (Lane lane : all) {
            boolean kept = wrong.contains(lane) ? lanes.size() < LANES : spare-- > 0;
            if (kept) {
                lanes.put(lane, lanes.size());
            }
        }
        return all.size() - lanes.size();
    }

    private boolean shown(Hold hold) {
        return lanes.containsKey(lane(hold));
    }

    private Lane lane(Hold hold) {
        return lane(hold.contender(), hold.lock());
    }

    private Lane lane(String contender, Key lock) {
        return new Lane(contender, laneForEachLock ? lock.path() : null);
    }

    private int index(Lane lane) {
        return lanes.getOrDefault(lane, 0);
    }

    private static boolean touches(List<Window> windows, Hold hold) {
        return touches(windows, hold.asked(), end(hold));
    }

    /** The last that was seen of it; {@link Hold#NEVER} while nothing shows that it is over. */
    private static long end(Hold hold) {
        return LongStream.of(hold.lost(), hold.releasing(), hold.released())
                .filter(time -> time != Hold.NEVER)
                .map(time -> Math.max(time, Math.max(hold.until(), hold.open())))
                .max()
                .orElse(Hold.NEVER);
    }

    private static boolean touches(List<Window> windows, long from, long to) {
        return windows.stream().anyMatch(window -> from <= window.to() && to >= window.from());
    }

    private boolean concernsALane(FaultSpan fault) {
        return !contenders.contains(fault.target())
                || lanes.keySet().stream().anyMatch(lane -> lane.contender().equals(fault.target()));
    }

    private FaultSpan inItsLanes(FaultSpan fault) {
        List<Lane> shown = List.copyOf(lanes.keySet());
        List<Integer> hit = IntStream.range(0, shown.size())
                .filter(i -> shown.get(i).contender().equals(fault.target()))
                .boxed()
                .toList();
        return new FaultSpan(fault.target(), fault.what(), hit, fault.from(), fault.to());
    }

    private Violation violation(Violations.Pair pair) {
        return new Violation(
                pair.kind(),
                pair.first().lock().path(),
                index(lane(pair.first())),
                index(lane(pair.second())),
                pair.from(),
                pair.to());
    }

    private Overview overview(long from, long to) {
        long step = Math.max(1, (to - from + STEPS - 1) / STEPS);
        int[] won = new int[STEPS];
        holds.forEach(hold -> won[(int) Math.min(STEPS - 1, (hold.from() - from) / step)]++);
        return new Overview(step, IntStream.of(won).boxed().toList());
    }
}
