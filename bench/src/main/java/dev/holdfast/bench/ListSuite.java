package dev.holdfast.bench;

import dev.holdfast.bench.Bench.Figure;
import dev.holdfast.bench.raw.RawEtcd;
import dev.holdfast.bench.raw.RawStore;
import dev.holdfast.bench.raw.RawZooKeeper;
import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Measure;
import dev.holdfast.bench.report.Side;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stores.Target;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.config.Endpoint;
import dev.holdfast.tck.faults.FaultProxy;
import dev.holdfast.tck.faults.TcpLink;
import dev.holdfast.tck.faults.Traffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Listings. */
final class ListSuite {
    private static final int DIRECTORIES = 100;
    private static final int CHILDREN = 1_000;

    /** As long as our own, since stores send and compare whole names. */
    private static final String RAW_FLAT = "raw-flat--/d/flat/";

    private final Bench bench;
    private final Target target;
    private final String type;

    ListSuite(Bench bench, Target target) {
        this.bench = bench;
        this.target = target;
        this.type = target.type();
    }

    void run() throws InterruptedException {
        bench.group(type + "/list-flat", this::flat);
        if (type.equals("etcd")) {
            bench.group(type + "/list-directories", this::directories);
        }
        if (type.equals("zookeeper")) {
            bench.group(type + "/list-one-by-one", this::oneByOne);
        }
    }

    static String name(int number) {
        return String.format(Locale.ROOT, "%06d", number);
    }

    /** As many keys of one directory as the store lists at all: ZooKeeper answers in one frame of 1 MB. */
    private int flatKeys() {
        return switch (type) {
            case "etcd" -> bench.size(100_000, 5_000);
            case "zookeeper" -> bench.size(10_000, 2_000);
            default -> bench.size(5_000, 1_000);
        };
    }

    private void flat() throws Exception {
        String id = type + "/list-flat";
        int keys = flatKeys();
        try (Backend ours = target.open("bench-flat/");
                RawStore raw = target.raw()) {
            Planting.ours(ours, 0, keys, i -> "flat/" + name(i));
            Planting.inParallel(0, keys, 1, (begin, end) -> raw.create(RAW_FLAT + name(begin), new byte[] {'x'}));
            Prefix prefix = Prefix.of("flat/");
            List<Turns.Contestant> contestants = new ArrayList<>(List.of(
                    Turns.timed(() -> require(ours.list(prefix).size(), keys)),
                    Turns.timed(() -> require(raw.scan(RAW_FLAT).size(), keys))));
            boolean bounded = raw.scanBounded(RAW_FLAT).isPresent();
            if (bounded) {
                contestants.add(Turns.timed(
                        () -> require(raw.scanBounded(RAW_FLAT).orElseThrow().size(), keys)));
            }
            List<double[]> taken =
                    new Turns(bench.random(id)).take(bench.size(20, 4), bench.size(100, 16), contestants);
            String row = String.format(Locale.ROOT, "list of %,d keys", keys);
            bench.durations(
                    id,
                    row,
                    type,
                    taken.get(0),
                    raw.name() + ", names only",
                    taken.get(1),
                    List.of(Figure.p50(Goal.atMostTimes(1.15))),
                    "");
            if (bounded) {
                bench.durations(
                        id + "/bounded",
                        row,
                        type,
                        taken.get(0),
                        raw.name() + " in background",
                        taken.get(2),
                        List.of(Figure.p50(null)),
                        "a call that can be given up at a deadline, as each of ours can");
            }
        }
    }

    private static void require(int found, int expected) {
        if (found != expected) {
            throw new IllegalStateException("listed " + found + " instead of " + expected);
        }
    }

    private void directories() throws Exception {
        String id = type + "/list-directories";
        int each = bench.size(10_000, 100);
        Map<String, String> options = target.options("bench-deep/", Map.of());
        try (TcpLink link = TcpLink.between(Backends.load().provider(type).options(), options);
                Backend ours = target.open(options);
                Backend counted = target.open(link.options());
                RawEtcd raw = (RawEtcd) target.raw()) {
            int keys = DIRECTORIES * each;
            Planting.ours(ours, 0, keys, i -> "deep/" + name(i / each) + "/" + name(i % each));
            Planting.ours(ours, 0, DIRECTORIES, i -> "shallow/" + name(i) + "/" + name(0));
            Prefix prefix = Prefix.of("deep/");
            String row = String.format(Locale.ROOT, "list of %d directories of %,d keys", DIRECTORIES, each);
            List<double[]> taken = new Turns(bench.random(id))
                    .take(
                            1,
                            bench.size(10, 5),
                            List.of(
                                    Turns.timed(() -> require(ours.list(prefix).size(), DIRECTORIES)),
                                    // Our own keys, among which the markers look like one directory more.
                                    Turns.timed(() -> require(
                                            raw.fold("bench-deep/d/deep/").size(), DIRECTORIES + 1))));
            bench.durations(
                    id,
                    row,
                    type,
                    taken.get(0),
                    "fetch all and fold",
                    taken.get(1),
                    List.of(Figure.p50(new Goal(Goal.Of.RATIO, true, 1 / 50.0, "≤ 1/50×"))),
                    bench.quick() ? "the goal is for 10,000 keys each" : "as Vault's backend for etcd lists");
            long deep = bytes(link, counted, prefix);
            long shallow = bytes(link, counted, Prefix.of("shallow/"));
            bench.add(Measure.of(
                    id + "/bytes",
                    row,
                    "bytes, beside one key each",
                    Unit.BYTES,
                    Side.counted(type, (double) deep),
                    Side.counted("one key each", (double) shallow),
                    dev.holdfast.bench.stats.Interval.exactly((double) deep / shallow),
                    Goal.atMostTimes(1.5),
                    "counted on the wire, both ways"));
        }
    }

    private static long bytes(TcpLink link, Backend backend, Prefix prefix) {
        require(backend.list(prefix).size(), DIRECTORIES);
        Traffic before = link.traffic();
        require(backend.list(prefix).size(), DIRECTORIES);
        return link.traffic().since(before).bytes();
    }

    /** A network with a round trip of 1 ms. */
    private void oneByOne() throws Exception {
        String id = type + "/list-one-by-one";
        Map<String, String> options = target.options("bench-children/", Map.of());
        Endpoint store = Endpoint.parse(Objects.requireNonNull(target.options().get("endpoints")));
        try (TcpLink link = TcpLink.between(Backends.load().provider(type).options(), options);
                FaultProxy proxy = FaultProxy.to(store.host(), store.port());
                Backend ours = target.open(link.options());
                RawZooKeeper raw = new RawZooKeeper("127.0.0.1:" + proxy.port(), Duration.ofSeconds(10))) {
            Planting.ours(ours, 0, CHILDREN, i -> "children/" + name(i));
            Planting.inParallel(0, CHILDREN, 1, (begin, end) -> raw.create("raw-children/" + name(begin), new byte[1]));
            Duration half = Duration.ofNanos(500_000);
            link.delay(half);
            proxy.delay(half);
            Prefix prefix = Prefix.of("children/");
            List<double[]> taken = new Turns(bench.random(id))
                    .take(
                            1,
                            bench.size(20, 3),
                            List.of(
                                    Turns.timed(() -> require(ours.list(prefix).size(), CHILDREN)),
                                    Turns.timed(() -> require(raw.askEach("raw-children/"), 0))));
            bench.durations(
                    id,
                    "list of 1,000 children at 1 ms of delay",
                    type,
                    taken.get(0),
                    "children + one exists each",
                    taken.get(1),
                    List.of(Figure.p50(new Goal(Goal.Of.RATIO, true, 1 / 100.0, "≤ 1/100×"))),
                    "as Vault's backend for ZooKeeper lists");
            Traffic before = link.traffic();
            require(ours.list(prefix).size(), CHILDREN);
            bench.add(Measure.of(
                    id + "/requests",
                    "list of 1,000 children at 1 ms of delay",
                    "round trips",
                    Unit.COUNT,
                    Side.counted(type, (double) link.traffic().since(before).turns()),
                    null,
                    null,
                    Goal.atMost(1, Unit.COUNT),
                    "counted on the wire"));
        }
    }
}
