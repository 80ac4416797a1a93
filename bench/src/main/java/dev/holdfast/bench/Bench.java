package dev.holdfast.bench;

import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Growth;
import dev.holdfast.bench.report.Measure;
import dev.holdfast.bench.report.Side;
import dev.holdfast.bench.report.Table;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stats.Bootstrap;
import dev.holdfast.bench.stats.Interval;
import dev.holdfast.bench.stats.Quantiles;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One run: what is wanted of it, and what it has found out so far. */
final class Bench {
    private final Length length;
    private final Pattern only;
    private final long seed;
    private final PrintStream out;
    private final List<Measure> measures = new ArrayList<>();
    private final List<Growth> growths = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /** How long a run may take. */
    enum Length {
        /** As long as good figures need. */
        WHOLE,
        /** Less than a minute for each backend. */
        QUICK,
        /** One of everything: whether it runs at all. */
        SMOKE
    }

    /** @param only of the groups of measures, such as {@code etcd/get-256}, those in which this is found */
    Bench(Length length, Pattern only, long seed, PrintStream out) {
        this.length = length;
        this.only = only;
        this.seed = seed;
        this.out = out;
    }

    boolean quick() {
        return length != Length.WHOLE;
    }

    /** How much to do. */
    int size(int whole, int inAHurry) {
        return length == Length.WHOLE ? whole : length == Length.QUICK ? inAHurry : 1;
    }

    long seed() {
        return seed;
    }

    Random random(String purpose) {
        return new Random(seed * 31 + purpose.hashCode());
    }

    List<Measure> measures() {
        return measures;
    }

    List<Growth> growths() {
        return growths;
    }

    List<String> failures() {
        return failures;
    }

    /** Whether anything was measured, or could not be. */
    boolean hasResults() {
        return !measures.isEmpty() || !growths.isEmpty() || !failures.isEmpty();
    }

    /** Something that takes measures. */
    interface Task {
        void run() throws Exception;
    }

    /** Runs it if it is wanted; when it fails the others go on, and the report says so. */
    void group(String id, Task task) throws InterruptedException {
        if (wants(id)) {
            out.println("measuring " + id + " …");
            attempt(id, task);
        }
    }

    boolean wants(String id) {
        return only.matcher(id).find();
    }

    /** Runs it; when it fails the others go on, and the report says so. */
    void attempt(String id, Task task) throws InterruptedException {
        try {
            task.run();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | AssertionError | LinkageError e) {
            String failure = id + ": " + e;
            failures.add(failure);
            out.println("FAILED  " + failure);
            e.printStackTrace(out);
        }
    }

    /** Which figures of a distribution are wanted. */
    record Figure(String name, double quantile, @Nullable Goal goal) {
        static Figure p50(@Nullable Goal goal) {
            return new Figure("p50", 0.5, goal);
        }

        static Figure p99(@Nullable Goal goal) {
            return new Figure("p99", 0.99, goal);
        }

        /** What it is for people: of fewer observations than a quantile needs, it is the worst one. */
        String of(int samples) {
            return samples * (1 - quantile) < 1 - 1e-9 ? "worst of " + samples : name;
        }
    }

    /**
     * Durations of ours, and of theirs taken in turn.
     *
     * @param theirs null where there is nobody to compare with
     */
    void durations(
            String id,
            String row,
            String name,
            double[] ours,
            @Nullable String theirName,
            double @Nullable [] theirs,
            List<Figure> figures,
            String note) {
        for (Figure figure : figures) {
            Bootstrap bootstrap = new Bootstrap(random(id + figure.name()));
            Interval interval = bootstrap.quantile(ours, figure.quantile());
            Side their = null;
            Interval ratio = null;
            if (theirName != null && theirs != null) {
                their = side(theirName, theirs, bootstrap.quantile(theirs, figure.quantile()));
                ratio = bootstrap.ratio(ours, theirs, figure.quantile());
            }
            add(Measure.of(
                    id + "/" + figure.name(),
                    row,
                    figure.of(ours.length),
                    Unit.NANOS,
                    side(name, ours, interval),
                    their,
                    ratio,
                    figure.goal(),
                    note));
        }
    }

    /** Medians of what windows had of ours, such as throughputs, and of theirs taken in turn. */
    void windows(
            String id,
            String row,
            String figure,
            Unit unit,
            String name,
            double[] ours,
            String theirName,
            double[] theirs,
            @Nullable Goal goal,
            String note) {
        Bootstrap bootstrap = new Bootstrap(random(id));
        add(Measure.of(
                id,
                row,
                figure,
                unit,
                side(name, ours, bootstrap.quantile(ours, 0.5)),
                side(theirName, theirs, bootstrap.quantile(theirs, 0.5)),
                bootstrap.ratio(ours, theirs, 0.5),
                goal,
                note));
    }

    private static Side side(String name, double[] values, Interval figure) {
        return new Side(
                name,
                values.length,
                figure,
                Arrays.stream(Quantiles.drawn(values)).boxed().toList());
    }

    /** Takes a measure, and says so. */
    void add(Measure measure) {
        measures.add(measure);
        List<String> cells = Table.cells(measure);
        out.println(String.format(
                        Locale.ROOT,
                        "%-7s %-70s %10s  %-40s %-22s %s",
                        cells.get(5),
                        cells.get(0),
                        cells.get(1),
                        cells.get(2),
                        cells.get(3),
                        cells.get(4))
                .stripTrailing());
    }

    /** Takes a growth, and says so. */
    void add(Growth growth) {
        growths.add(growth);
        out.printf(
                Locale.ROOT,
                "%-7s %s: %s by %s: exponent %.2f, last step %.2f (%s)%n",
                growth.verdict() == Goal.Verdict.NONE ? "" : growth.verdict(),
                growth.backend(),
                growth.cost(),
                growth.size(),
                growth.law().exponent().value(),
                growth.lastStep(),
                growth.goal().text());
    }

    /** Says something about what comes next. */
    void say(String text) {
        out.println(text);
    }
}
