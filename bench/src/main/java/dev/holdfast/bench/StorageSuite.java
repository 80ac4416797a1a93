package dev.holdfast.bench;

import dev.holdfast.bench.Bench.Figure;
import dev.holdfast.bench.raw.RawStore;
import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Measure;
import dev.holdfast.bench.report.Side;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stats.Quantiles;
import dev.holdfast.bench.stores.Target;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.faults.TcpLink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Gets and puts. */
final class StorageSuite {
    private static final int KEYS = 500;
    private static final int AT_ONCE = 16;
    private static final int CROWD = 256;

    /** Whose requests are counted. */
    private static final int CALLS = 200;

    /** So many that two of a crowd seldom meet at one, where ours has one wait for the other and a raw client does not. */
    private static final int CROWD_KEYS = 10_000;

    private final Bench bench;
    private final Target target;
    private final String type;

    StorageSuite(Bench bench, Target target) {
        this.bench = bench;
        this.target = target;
        this.type = target.type();
    }

    void run() throws InterruptedException {
        for (int bytes : new int[] {256, 16 << 10}) {
            group("/get-" + bytes, () -> single("get", bytes));
            group("/put-" + bytes, () -> single("put", bytes));
        }
        group("/fenced-put", this::fenced);
        group("/concurrent-puts", this::concurrent);
    }

    private void group(String what, Bench.Task task) throws InterruptedException {
        bench.group(type + what, () -> {
            task.run();
            target.tidy();
        });
    }

    private static String name(int number) {
        return "app/users/" + Math.floorMod(number, KEYS);
    }

    /** How many rounds of a call of so many bytes fit. */
    private int rounds() {
        return target.watches() ? bench.size(4_000, 300) : bench.size(1_000, 100);
    }

    /**
     * So many more before them that the code they run is compiled as it will be: many at once do not run all of it. Larger
     * values come after small ones, and would only fill the store.
     */
    private int warmUp(int bytes) {
        return target.watches() && bytes < 1 << 10 ? bench.size(8_000, 75) : rounds() / 4;
    }

    private void single(String action, int bytes) throws Exception {
        String id = type + "/" + action + "-" + bytes;
        String row = action + " of " + Unit.size(bytes);
        byte[] value = new byte[bytes];
        new Random(bytes).nextBytes(value);
        Key[] keys = new Key[KEYS];
        Arrays.setAll(keys, i -> Key.of(name(i)));
        try (Backend ours = target.open("bench-" + bytes + "/");
                RawStore raw = target.raw();
                Crowd crowd = new Crowd(AT_ONCE)) {
            for (int i = 0; i < KEYS; i++) {
                ours.put(Entry.of(keys[i], value));
                raw.create("raw-" + bytes + "/" + name(i), value);
            }
            boolean get = action.equals("get");
            Crowd.Work our = get
                    ? n -> require(
                            ours.get(keys[Math.floorMod(n, KEYS)]).orElseThrow().value(), bytes)
                    : n -> ours.put(Entry.of(keys[Math.floorMod(n, KEYS)], value));
            Crowd.Work their = get
                    ? n -> require(raw.get("raw-" + bytes + "/" + name(n)), bytes)
                    : n -> raw.put("raw-" + bytes + "/" + name(n), value);
            List<double[]> rates = new Turns(bench.random(id))
                    .take(
                            1,
                            bench.size(12, 4),
                            List.of(() -> rate(crowd, bytes, our), () -> rate(crowd, bytes, their)));
            int[] at = new int[2];
            List<Turns.Contestant> contestants = new ArrayList<>(
                    List.of(Turns.timed(() -> our.call(at[0]++)), Turns.timed(() -> their.call(at[1]++))));
            List<Floor> floors = floors(raw, action, "raw-" + bytes + "/", value);
            floors.forEach(floor -> contestants.add(Turns.timed(floor.call)));
            List<double[]> taken = new Turns(bench.random(id)).take(warmUp(bytes), rounds(), contestants);
            bench.durations(
                    id,
                    row,
                    type,
                    taken.get(0),
                    raw.name(),
                    taken.get(1),
                    List.of(Figure.p50(Goal.atMostTimes(1.03)), Figure.p99(Goal.atMostTimes(1.10))),
                    get && type.equals("zookeeper") ? "both are sync and read, in one flight" : "");
            for (int i = 0; i < floors.size(); i++) {
                Floor floor = floors.get(i);
                bench.durations(
                        id + "/" + floor.id,
                        row,
                        type,
                        taken.get(0),
                        raw.name() + floor.name,
                        taken.get(2 + i),
                        List.of(Figure.p50(null), Figure.p99(null)),
                        floor.note);
            }
            bench.windows(
                    id + "/throughput",
                    row,
                    AT_ONCE + " at once",
                    Unit.PER_SECOND,
                    type,
                    rates.get(0),
                    raw.name(),
                    rates.get(1),
                    Goal.atLeastTimes(0.97),
                    "");
        }
    }

    /** Of large values a window leaves as much as some stores take; what came before is cleared away first. */
    private double rate(Crowd crowd, int bytes, Crowd.Work work) throws Exception {
        if (bytes > 1 << 10) {
            target.tidy();
        }
        return crowd.open(window(), work).perSecond();
    }

    /** Something of which nobody who gives our guarantees can be faster. */
    private record Floor(String id, String name, String note, Turns.Call call) {}

    private List<Floor> floors(RawStore raw, String action, String directory, byte[] value) throws Exception {
        List<Floor> floors = new ArrayList<>();
        int[] at = new int[2];
        boolean get = action.equals("get");
        if (get ? raw.getBounded(directory + name(0)) : raw.putBounded(directory + name(0), value)) {
            floors.add(new Floor(
                    "bounded",
                    target.watches() ? " in background" : " in another thread",
                    "a call that can be given up at a deadline, as each of ours can",
                    get
                            ? () -> raw.getBounded(directory + name(at[0]++))
                            : () -> raw.putBounded(directory + name(at[0]++), value)));
        }
        if (!get && raw.putBelow(directory + name(0), directory + name(1), value)) {
            floors.add(new Floor(
                    "guarded",
                    ", if another key is there",
                    "the floor of a put that keeps its directories right: the transaction that ours sends",
                    () -> raw.putBelow(directory + name(0), directory + name(at[1]++), value)));
        }
        return floors;
    }

    private double window() {
        return bench.quick() ? 0.25 : 1;
    }

    private static void require(byte[] value, int bytes) {
        if (value.length != bytes) {
            throw new IllegalStateException("read " + value.length + " bytes");
        }
    }

    private void fenced() throws Exception {
        String id = type + "/fenced-put";
        byte[] value = new byte[256];
        Map<String, String> options = target.options("bench-fenced/", Map.of());
        try (TcpLink link = TcpLink.between(Backends.load().provider(type).options(), options);
                Backend direct = target.open(options);
                Backend counted = target.open(link.options())) {
            if (!direct.capabilities().contains(Capability.FENCING)) {
                return;
            }
            Backend fenced = ((FencingBackend) direct).fence(1);
            Key key = Key.of("app/fenced");
            List<double[]> taken = new Turns(bench.random(id))
                    .take(
                            warmUp(value.length),
                            rounds(),
                            List.of(
                                    Turns.timed(() -> fenced.put(Entry.of(key, value))),
                                    Turns.timed(() -> direct.put(Entry.of(key, value)))));
            bench.durations(
                    id,
                    "fenced put of 256 B",
                    "fenced",
                    taken.get(0),
                    "unfenced",
                    taken.get(1),
                    List.of(Figure.p50(Goal.atMostTimes(target.goals().fencedPut())), Figure.p99(null)),
                    "");
            Backend countedFenced = ((FencingBackend) counted).fence(1);
            Target.Count with = requests(link, () -> countedFenced.put(Entry.of(key, value)));
            Target.Count without = requests(link, () -> counted.put(Entry.of(key, value)));
            double more = (double) (with.requests() - without.requests()) / CALLS;
            bench.add(Measure.of(
                    id + "/requests",
                    "fenced put of 256 B",
                    "requests beyond those of an unfenced one",
                    Unit.COUNT,
                    Side.counted("fenced", Math.max(0, Math.rint(more * 10) / 10)),
                    null,
                    null,
                    Goal.atMost(0, Unit.COUNT),
                    with.by()));
        }
    }

    /** Requests of {@link #CALLS} calls. */
    private Target.Count requests(TcpLink link, Turns.Call call) throws Exception {
        call.run();
        long before = target.requests(link).requests();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        Target.Count after = target.requests(link);
        return new Target.Count(after.requests() - before, after.by());
    }

    private void concurrent() throws Exception {
        String id = type + "/concurrent-puts";
        byte[] value = new byte[256];
        int many = target.watches() ? bench.size(CROWD_KEYS, CROWD_KEYS) : KEYS;
        Key[] keys = new Key[many];
        Arrays.setAll(keys, i -> Key.of("app/users/" + i));
        try (Backend ours = target.open("bench-crowd/");
                RawStore raw = target.raw();
                Crowd crowd = new Crowd(CROWD)) {
            Planting.inParallel(0, many, 1, (begin, end) -> {
                ours.put(Entry.of(keys[begin], value));
                raw.create("raw-crowd/" + keys[begin], value);
            });
            List<List<Double>> ourTimes = new ArrayList<>();
            List<List<Double>> theirTimes = new ArrayList<>();
            List<double[]> rates = new Turns(bench.random(id))
                    .take(
                            1,
                            bench.size(12, 3),
                            List.of(
                                    () -> observe(
                                            crowd,
                                            ourTimes,
                                            n -> ours.put(Entry.of(keys[Math.floorMod(n, many)], value))),
                                    () -> observe(
                                            crowd,
                                            theirTimes,
                                            n -> raw.put("raw-crowd/" + keys[Math.floorMod(n, many)], value))));
            bench.windows(
                    id + "/throughput",
                    CROWD + " concurrent puts of 256 B",
                    "throughput",
                    Unit.PER_SECOND,
                    type,
                    rates.get(0),
                    raw.name(),
                    rates.get(1),
                    Goal.atLeastTimes(target.goals().concurrentPuts()),
                    "each thread waits for its own put");
            bench.windows(
                    id + "/p50",
                    CROWD + " concurrent puts of 256 B",
                    "p50 of each window",
                    Unit.NANOS,
                    type,
                    medians(ourTimes),
                    raw.name(),
                    medians(theirTimes),
                    Goal.atMostTimes(1),
                    "");
        }
    }

    private double observe(Crowd crowd, List<List<Double>> times, Crowd.Work work) throws Exception {
        Crowd.Window window = crowd.open(2 * window(), work);
        times.add(window.durations());
        return window.perSecond();
    }

    /** Of the windows that count. */
    private static double[] medians(List<List<Double>> windows) {
        return windows.stream()
                .skip(1)
                .mapToDouble(each ->
                        Quantiles.of(each.stream().mapToDouble(took -> took).toArray(), 0.5))
                .toArray();
    }
}
