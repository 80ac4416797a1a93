package dev.holdfast.bench;

import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Measure;
import dev.holdfast.bench.report.Side;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stats.Bootstrap;
import dev.holdfast.bench.stats.Interval;
import dev.holdfast.bench.stores.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What an idle client keeps. */
final class MemorySuite {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Bench bench;
    private final Target target;

    MemorySuite(Bench bench, Target target) {
        this.bench = bench;
        this.target = target;
    }

    void run() throws InterruptedException {
        bench.group(target.type() + "/memory", this::idle);
    }

    private void idle() throws Exception {
        String id = target.type() + "/memory";
        List<double[]> taken =
                new Turns(bench.random(id)).take(0, bench.size(5, 1), List.of(() -> heap("ours"), () -> heap("raw")));
        double[] ours = taken.get(0);
        double[] raw = taken.get(1);
        double[] more = new double[ours.length];
        for (int i = 0; i < more.length; i++) {
            more[i] = ours[i] - raw[i];
        }
        Bootstrap bootstrap = new Bootstrap(bench.random(id));
        Interval difference = bootstrap.mean(more);
        bench.add(Measure.of(
                id,
                "idle client",
                "heap over its driver's",
                Unit.BYTES,
                new Side(target.type(), more.length, difference, List.of()),
                null,
                null,
                Goal.atMost(10e6, Unit.BYTES),
                "live after a collection, each in a JVM of its own; ours has a lock session as well, and keeps "
                        + Unit.BYTES.text(bootstrap.mean(ours).value()) + ", the raw client "
                        + Unit.BYTES.text(bootstrap.mean(raw).value())));
    }

    private double heap(String whose) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(whose, target.type()));
        Map<String, String> options = target.options("bench-memory/", Map.of());
        options.forEach((name, value) -> arguments.add(name + "=" + value));
        try (Jvm jvm = new Jvm(List.of("-XX:+UseSerialGC"), MemoryProbe.class, arguments)) {
            return Double.parseDouble(jvm.said("heap", PATIENCE));
        }
    }
}
