package dev.holdfast.tck;

import dev.holdfast.tck.history.Distribution;
import dev.holdfast.tck.history.LockStatistics;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rules about locks again and again, each round with a seed of its own, and what all rounds saw together. */
final class Soak {
    /** In these every loss is that of a holder who was cut off; in others locks are taken away or clients closed. */
    private static final Set<Rule> CUT_OFF = EnumSet.of(Rule.HA_01, Rule.LO_02);

    private final Kit kit;
    private final List<Rule> rules;
    private final Random seeds;
    private final Map<Rule, int[]> outcomes = new EnumMap<>(Rule.class);
    private final @Nullable Path page;
    private final @Nullable Duration margin;
    private final List<RuleResult> failures = new ArrayList<>();
    private LockStatistics locks = LockStatistics.NONE;
    private int rounds;

    /**
     * For rules that {@link #of} gave.
     *
     * @param page where the outcome goes, into a section of its own; null for nowhere
     * @param margin how long before a rival won each holder must have been told of its loss; null for just before
     */
    Soak(Kit kit, List<Rule> rules, @Nullable Path page, @Nullable Duration margin) {
        this.kit = kit;
        this.page = page;
        this.margin = margin;
        this.rules = List.copyOf(rules);
        this.seeds = new Random(kit.seed());
    }

    /**
     * Those of these rules that it repeats.
     *
     * @throws IllegalArgumentException when there are none
     */
    static List<Rule> of(List<Rule> rules) {
        List<Rule> repeated = rules.stream()
                .filter(rule -> rule.area() == RuleArea.HA || rule.area() == RuleArea.LO || rule.area() == RuleArea.FN)
                .toList();
        if (repeated.isEmpty()) {
            throw new IllegalArgumentException(
                    "--soak repeats the rules of HA, LO and FN, and none of them was chosen");
        }
        return repeated;
    }

    /** Rounds until the time is over, at least one; a round that has begun is finished. */
    Report run(Duration duration, Kit.Listener listener) {
        long start = System.nanoTime();
        List<RuleResult> last;
        do {
            long seed = seeds.nextLong() & Long.MAX_VALUE;
            last = kit.again(seed).run(rules, listener).results();
            last.forEach(this::count);
            rounds++;
            System.out.println(line(seed, Duration.ofNanos(System.nanoTime() - start), last));
        } while (System.nanoTime() - start < duration.toNanos());
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        System.out.println(table(took));
        System.out.println(times());
        if (page != null) {
            Section.of("soak " + kit.harness().name()).replaceIn(page, section(took));
        }
        // A rule that failed once has failed, whatever the last round says.
        Map<Rule, RuleResult> worst = new EnumMap<>(Rule.class);
        last.forEach(result -> worst.put(result.rule(), result));
        failures.forEach(result -> worst.put(result.rule(), result));
        return kit.report(new ArrayList<>(worst.values()), took);
    }

    /** Whether all margins that {@link #run} saw were as wide as was asked for. */
    boolean keptMargin() {
        return margin == null || narrower(margin) == 0;
    }

    private long narrower(Duration least) {
        return locks.margins().stream().filter(nanos -> nanos < least.toNanos()).count();
    }

    /** Adds what one round saw. */
    void count(RuleResult result) {
        outcomes.computeIfAbsent(result.rule(), rule -> new int[Outcome.values().length])[index(result.outcome())]++;
        if (result.outcome() == Outcome.FAIL) {
            failures.add(result);
            System.out.println("\n" + result.detail() + "\n");
        }
        for (CheckResult check : result.checks()) {
            LockStatistics seen = check.locks();
            locks = locks.plus(CUT_OFF.contains(result.rule()) ? seen : seen.withoutFaults());
        }
    }

    private static int index(Outcome outcome) {
        return List.of(Outcome.values()).indexOf(outcome);
    }

    private String line(long seed, Duration at, List<RuleResult> round) {
        long open = round.stream()
                .filter(result -> result.outcome() == Outcome.UNVERIFIED)
                .count();
        return String.format(
                Locale.ROOT,
                "round %d at %d s, seed %d: %d leases so far, %d lost to faults, smallest margin %s; %d failures%s",
                rounds,
                at.toSeconds(),
                seed,
                locks.leases(),
                locks.losses(),
                new Distribution(locks.margins()).text(0),
                failures.size(),
                open == 0 ? "" : ", " + open + " rules not verified in this round");
    }

    private String table(Duration took) {
        StringBuilder text = new StringBuilder(
                String.format(Locale.ROOT, "%n%-8s%6s%6s%8s%12s%n", "rule", "PASS", "FAIL", "ABSENT", "UNVERIFIED"));
        outcomes.forEach((rule, counts) -> text.append(
                String.format(Locale.ROOT, "%-8s%6d%6d%8d%12d%n", rule, counts[0], counts[1], counts[2], counts[3])));
        text.append(String.format(
                Locale.ROOT,
                "%nsoak     %d rounds in %d min %d s, first seed %d%nleases   %d won, %d lost by holders that were cut off%n",
                rounds,
                took.toMinutes(),
                took.toSecondsPart(),
                kit.seed(),
                locks.leases(),
                locks.losses()));
        if (margin != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "margins  %d, of which %d below %d ms%n",
                    locks.margins().size(),
                    narrower(margin),
                    margin.toMillis()));
        }
        return text.toString();
    }

    /** How the times of all rounds are spread, as Markdown. */
    private String times() {
        Distribution margins = new Distribution(locks.margins());
        return """
                | | count | least | 1 %% | half | 99 %% | most |
                |---|---|---|---|---|---|---|
                | told of a loss before a rival won | %s |
                | release to the waiter's lease | %s |
                | last seen held to the next lease, where nobody released | %s |

                Told of a loss before a rival won, how often:

                ```
                %s```
                """.formatted(
                        margins.row(),
                        new Distribution(locks.handOffs()).row(),
                        new Distribution(locks.failovers()).row(),
                        margins.histogram());
    }

    /** The section of a page that shows a soak. */
    private String section(Duration took) {
        return "Written by `./holdfast tck " + kit.harness().commandLine() + " --soak … --page …` on "
                + LocalDate.now(ZoneOffset.UTC) + ", Java " + Runtime.version().feature() + ", "
                + kit.harness().store() + ", " + Runtime.getRuntime().availableProcessors() + " processors.\n\n```"
                + table(took).replaceFirst("^\\R", "\n") + "```\n\n" + times();
    }
}
