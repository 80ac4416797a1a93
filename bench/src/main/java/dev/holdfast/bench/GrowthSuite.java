package dev.holdfast.bench;

import dev.holdfast.bench.raw.Peer;
import dev.holdfast.bench.raw.RawStore;
import dev.holdfast.bench.raw.RawWatch;
import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Growth;
import dev.holdfast.bench.report.Growth.Point;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stats.Bootstrap;
import dev.holdfast.bench.stores.Target;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Prefix;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** How costs grow. */
final class GrowthSuite {
    /** What does not grow may still look like a tenth of a power on a machine that wavers. */
    private static final Goal FLAT = Goal.exponent(0.1);

    private static final Goal LINEAR = Goal.exponent(1.1);
    private static final int KEYS_EACH = 1_000;

    private static final String RAW_KEY = "bench-keys-raw/key";

    private static final String VALUE_SIZE = "/growth/value-size";
    private static final String WAITERS = "/growth/waiters";
    private static final String LOCKS = "/growth/locks";
    private static final String KEYS = "/growth/keys";

    private final Bench bench;
    private final Target target;
    private final String type;

    GrowthSuite(Bench bench, Target target) {
        this.bench = bench;
        this.target = target;
        this.type = target.type();
    }

    /** Whether {@link #run} would do anything. */
    static boolean isWanted(Bench bench, String type) {
        return Stream.of(VALUE_SIZE, WAITERS, LOCKS, KEYS).anyMatch(what -> bench.wants(type + what));
    }

    void run() throws InterruptedException {
        bench.group(type + VALUE_SIZE, this::valueSize);
        bench.group(type + WAITERS, this::waiters);
        bench.group(type + LOCKS, this::locks);
        bench.group(type + KEYS, this::keys);
    }

    private Point point(String id, double size, double[] observed) {
        return new Point(size, new Bootstrap(bench.random(id + size)).quantile(observed, 0.5));
    }

    private double[] observe(String id, Turns.Call call) throws Exception {
        return observe(id, rounds(), List.of(call)).get(0);
    }

    private double[] observe(String id, int rounds, Turns.Call call) throws Exception {
        return observe(id, rounds, List.of(call)).get(0);
    }

    /** Several calls that take turns. */
    private List<double[]> observe(String id, int rounds, List<Turns.Call> calls) throws Exception {
        return new Turns(bench.random(id))
                .take(rounds / 10, rounds, calls.stream().map(Turns::timed).toList());
    }

    private int rounds() {
        return target.watches() ? bench.size(300, 30) : bench.size(100, 20);
    }

    private void valueSize() throws Exception {
        String id = type + VALUE_SIZE;
        try (Backend ours = target.open("bench-sizes/")) {
            int most = ours.limits().maxValueBytes();
            List<Point> puts = new ArrayList<>();
            List<Point> gets = new ArrayList<>();
            for (int bytes : new int[] {1 << 10, 10 << 10, 100 << 10, Math.min(most, 1_000 << 10)}) {
                byte[] value = new byte[bytes];
                new Random(bytes).nextBytes(value);
                Key key = Key.of("sizes/" + bytes);
                // ZooKeeper keeps the last 500 changes in memory, and has none for so many of this size.
                int rounds = bytes > 100 << 10 ? bench.size(50, 20) : bench.size(100, 20);
                puts.add(point(id, bytes, observe(id, rounds, () -> ours.put(Entry.of(key, value)))));
                gets.add(point(
                        id,
                        bytes,
                        observe(
                                id,
                                rounds,
                                () -> require(ours.get(key).orElseThrow().size(), bytes))));
            }
            bench.add(Growth.of(id + "/put", "put", "bytes of the value", Unit.NANOS, puts, LINEAR, ""));
            bench.add(Growth.of(id + "/get", "get", "bytes of the value", Unit.NANOS, gets, LINEAR, ""));
        }
    }

    private static void require(int found, int expected) {
        if (found != expected) {
            throw new IllegalStateException("found " + found + " instead of " + expected);
        }
    }

    private int[] decades(int whole, int inAHurry) {
        int decades = bench.size(whole, inAHurry);
        int[] sizes = new int[Math.max(2, decades)];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = (int) Math.pow(10, i);
        }
        return sizes;
    }

    /** Where waiters poll, each poll costs the store, and how long it takes is left to chance. */
    private void waiters() throws Exception {
        if (!target.watches()) {
            return;
        }
        String id = type + WAITERS;
        List<Point> points = new ArrayList<>();
        List<Point> floor = new ArrayList<>();
        for (int waiters : decades(4, 3)) {
            try (HABackend one = target.open(target.options("bench-waiters/", Map.of("lock_ttl", "20s")));
                    HABackend other = target.open(target.options("bench-waiters/", Map.of("lock_ttl", "20s")))) {
                List<Peer> all = new ArrayList<>();
                for (int i = 0; i <= waiters; i++) {
                    all.add(new OurPeer(i % 2 == 0 ? one : other, "lock-" + waiters));
                }
                Random random = bench.random(id);
                try (Relay relay = new Relay(all, random);
                        RawWatch raw = target.watch("raw-waiters-" + waiters, waiters - 1)) {
                    Turns.Contestant rested = () -> {
                        raw.prepare();
                        Relay.rest(random);
                        return raw.commitToEvent();
                    };
                    List<double[]> taken = new Turns(random).take(5, bench.size(100, 15), List.of(relay, rested));
                    points.add(point(id, waiters, taken.get(0)));
                    floor.add(point(id, waiters, taken.get(1)));
                }
            }
        }
        String note = "two clients, a thread for each waiter; of one commit, its event and a look at who is ahead, "
                + beside(floor);
        bench.add(Growth.of(id, "graceful hand-off", "waiters", Unit.NANOS, points, FLAT, note));
    }

    private void locks() throws Exception {
        String id = type + LOCKS;
        List<Point> points = new ArrayList<>();
        try (HABackend backend = target.open(target.options("bench-held/", Map.of("lock_ttl", "20s")))) {
            List<Lease> held = new ArrayList<>();
            Peer ours = new OurPeer(backend, "one-more");
            for (int locks : target.watches() ? decades(4, 3) : decades(3, 2)) {
                while (held.size() < locks) {
                    held.add(
                            backend.lock(Key.of("held/" + held.size()), "bench").acquire());
                }
                points.add(point(id, locks, observe(id, () -> {
                    ours.acquire();
                    ours.release();
                })));
            }
        }
        bench.add(Growth.of(id, "acquire + release", "other locks held by the client", Unit.NANOS, points, FLAT, ""));
    }

    /** Directories of 1,000 keys each, ever more of them, beside a small directory that stays as it is. */
    private void keys() throws Exception {
        String id = type + KEYS;
        int[] directories = switch (type) {
            case "etcd" -> decades(4, 2);
            case "zookeeper" -> decades(3, 2);
            default -> decades(2, 1);
        };
        Map<String, List<Point>> points = new LinkedHashMap<>();
        byte[] value = {'x'};
        try (Backend ours = target.open("bench-keys/");
                RawStore raw = target.raw()) {
            raw.create(RAW_KEY, value);
            Planting.ours(ours, 0, 100, i -> "small/" + ListSuite.name(i));
            Key key = Key.of("small/" + ListSuite.name(50));
            int planted = 0;
            for (int number : directories) {
                Planting.ours(
                        ours,
                        planted * KEYS_EACH,
                        number * KEYS_EACH,
                        i -> "big/" + ListSuite.name(i / KEYS_EACH) + "/" + ListSuite.name(i % KEYS_EACH));
                planted = number;
                double all = (double) number * KEYS_EACH;
                List<double[]> gets = observe(
                        id,
                        rounds(),
                        List.of(
                                () -> require(ours.get(key).orElseThrow().size(), 1),
                                () -> require(raw.get(RAW_KEY).length, 1)));
                take(points, "get", all, gets.get(0));
                take(points, "raw get", all, gets.get(1));
                take(points, "put", all, observe(id, () -> ours.put(Entry.of(key, value))));
                take(
                        points,
                        "list",
                        all,
                        observe(id, () -> require(ours.list(Prefix.of("small/")).size(), 100)));
                take(
                        points,
                        "children",
                        number,
                        observe(id, () -> require(ours.list(Prefix.of("big/")).size(), number)));
            }
        }
        String unrelated = "keys of other directories";
        bench.add(Growth.of(
                id + "/get", "get", unrelated, Unit.NANOS, of(points, "get"), FLAT, beside(of(points, "raw get"))));
        bench.add(Growth.of(id + "/put", "put", unrelated, Unit.NANOS, of(points, "put"), FLAT, ""));
        bench.add(Growth.of(id + "/list", "list of 100", unrelated, Unit.NANOS, of(points, "list"), FLAT, ""));
        bench.add(Growth.of(
                id + "/children",
                "list",
                "sub-directories of 1,000 keys",
                Unit.NANOS,
                of(points, "children"),
                LINEAR,
                ""));
    }

    /** What the raw client took at the smallest and at the largest size. */
    private static String beside(List<Point> raw) {
        Point first = raw.get(0);
        Point last = raw.get(raw.size() - 1);
        return String.format(
                Locale.ROOT,
                "the raw client's: %s → %s, exponent %.2f",
                Unit.NANOS.text(first.cost().value()),
                Unit.NANOS.text(last.cost().value()),
                Growth.law(raw).exponent().value());
    }

    private void take(Map<String, List<Point>> points, String what, double size, double[] observed) {
        points.computeIfAbsent(what, each -> new ArrayList<>()).add(point(type + what, size, observed));
    }

    private static List<Point> of(Map<String, List<Point>> points, String what) {
        return points.getOrDefault(what, List.of());
    }
}
