package dev.holdfast.bench;

import dev.holdfast.bench.inmem.InMemJmh;
import dev.holdfast.bench.inmem.PauseProbe;
import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The backend that needs no store: what it adds to a sorted map. */
final class InMemSuite {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Bench bench;

    InMemSuite(Bench bench) {
        this.bench = bench;
    }

    void run() throws InterruptedException {
        for (int bytes : bench.quick() ? new int[] {256} : new int[] {256, 16 << 10}) {
            for (String action : List.of("get", "put")) {
                bench.group("inmem/" + action + "-" + bytes, () -> compare(action, bytes));
            }
        }
        bench.group("inmem/pauses", this::pauses);
    }

    /**
     * A JVM for each, again and again in turn: what the compiler made of one of them is not the figure of all. So each is one
     * observation, however often it was asked.
     */
    private void compare(String action, int bytes) throws RunnerException {
        String id = "inmem/" + action + "-" + bytes;
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        Random random = bench.random(id);
        for (int round = 0; round < bench.size(10, 3); round++) {
            List<Boolean> order = new ArrayList<>(List.of(true, false));
            Collections.shuffle(order, random);
            for (boolean our : order) {
                (our ? ours : theirs).add(jvm(action + (our ? "Ours" : "Theirs"), bytes));
            }
        }
        bench.windows(
                id,
                action + " of " + Unit.size(bytes),
                "median",
                Unit.NANOS,
                "inmem",
                ours.stream().mapToDouble(each -> each).toArray(),
                "ConcurrentSkipListMap",
                theirs.stream().mapToDouble(each -> each).toArray(),
                Goal.atMostTimes(2),
                "JMH, 10,000 keys, one thread, a JVM for each observation; the map has the same order and copies its"
                        + " values as well");
    }

    private void pauses() throws Exception {
        int keys = bench.size(10_000_000, 200_000);
        List<Double> overslept = new ArrayList<>();
        List<double[]> taken = new Turns(bench.random("inmem/pauses"))
                .take(
                        0,
                        bench.size(3, 1),
                        List.of(
                                () -> longestCall("ours", keys, overslept),
                                () -> longestCall("theirs", keys, overslept)));
        bench.windows(
                "inmem/pauses",
                String.format(Locale.ROOT, "%,d keys put, then read and written", keys),
                "longest call",
                Unit.NANOS,
                "inmem",
                taken.get(0),
                "ConcurrentSkipListMap",
                taken.get(1),
                Goal.atMost(50e6, Unit.NANOS),
                "median of the runs, each in a JVM with 4 GB of heap and ZGC; a thread beside it that only slept was up to "
                        + Unit.NANOS.text(Collections.max(overslept)) + " late, by the machine's doing");
    }

    private static double longestCall(String whose, int keys, List<Double> overslept) throws Exception {
        List<String> options = List.of("-Xms4g", "-Xmx4g", "-XX:+UseZGC");
        try (Jvm jvm = new Jvm(options, PauseProbe.class, List.of(whose, String.valueOf(keys)))) {
            overslept.add(Double.parseDouble(jvm.said("overslept", PATIENCE)));
            return Double.parseDouble(jvm.said("longest", PATIENCE));
        }
    }

    private double jvm(String benchmark, int bytes) throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(InMemJmh.class.getName() + "\\." + benchmark + "$")
                        .param("bytes", String.valueOf(bytes))
                        .forks(1)
                        .jvmArgsAppend("-Xms512m", "-Xmx512m")
                        .warmupIterations(bench.size(3, 2))
                        .warmupTime(TimeValue.milliseconds(bench.size(1_000, 400)))
                        .measurementIterations(bench.size(5, 4))
                        .measurementTime(TimeValue.milliseconds(bench.size(500, 250)))
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        return results.stream()
                .mapToDouble(result -> result.getPrimaryResult().getScore())
                .average()
                .orElseThrow();
    }
}
