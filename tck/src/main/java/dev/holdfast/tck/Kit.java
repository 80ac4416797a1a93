package dev.holdfast.tck;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.driver.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Runs the rules against one harness. The harness has been started; closing this closes it. */
final class Kit implements AutoCloseable {
    /** Told what goes on, from the thread that runs the rules. */
    interface Listener {
        /** A check begins. */
        default void checking(Check check) {}

        /**
         * The result of a check is waited for that runs beside others, or waits for its turn among them.
         *
         * @param others how many of those are not done at the moment it is asked
         */
        default void checkingBeside(Check check, IntSupplier others) {}

        /** A rule is done. */
        default void done(RuleResult result) {}
    }

    /** How many checks run beside each other where they may: they mostly wait. */
    private static final int AT_ONCE = 6;

    /** Where everybody who waits asks the store again and again, waiting is work. */
    private static final int AT_ONCE_WHERE_THEY_ASK = 4;

    private final Harness harness;
    private final long seed;
    private final Instant began = Instant.now();
    private final Trials trials;
    private final String backend;
    private final Set<Capability> capabilities;
    private @Nullable RuleResult brokenHarness;
    private final Predicate<Check> wanted;
    private List<Rule> planned = List.of();

    /** Those of area H, which come before everything else, and all others. */
    private final Map<Boolean, ParallelChecks> ahead = new HashMap<>();

    /**
     * Starts the harness and opens one client, which shows whether there is anything to test.
     *
     * @throws BackendException when the store cannot be used; the harness is closed again
     */
    Kit(Harness harness, long seed) {
        this(harness, seed, check -> true);
    }

    /** As {@link #Kit(Harness, long)}, for only some of the checks of each rule. */
    Kit(Harness harness, long seed, Predicate<Check> wanted) {
        this.wanted = wanted;
        this.harness = harness;
        this.seed = seed;
        this.trials = new Trials(harness);
        try {
            harness.start();
            Trial preflight = trials.begin("preflight", seed);
            try {
                Backend client = preflight.open();
                firstAnswer(client, Deadline.after(preflight.requestTimeout().multipliedBy(3)));
                this.backend = client.toString();
                this.capabilities = Set.copyOf(client.capabilities());
            } finally {
                end(preflight);
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** What cannot be closed or cleaned up is for the checks to report, each of which ends in the same way. */
    private static void end(Trial preflight) {
        try {
            preflight.close();
        } catch (AssertionError e) {
            // as said
        }
    }

    private Kit(Kit other, long seed) {
        this.wanted = other.wanted;
        this.harness = other.harness;
        this.seed = seed;
        this.trials = other.trials;
        this.backend = other.backend;
        this.capabilities = other.capabilities;
    }

    /** The same harness and run, with another seed; closed with this one. */
    Kit again(long otherSeed) {
        return new Kit(this, otherSeed);
    }

    /** A JVM that has only just started may need longer for its first connection than one call may take. */
    private static void firstAnswer(Backend client, Deadline deadline) {
        while (true) {
            try {
                var unused = client.list(Prefix.ROOT, "", 1);
                return;
            } catch (BackendException.Unavailable e) {
                if (deadline.passed()) {
                    throw e;
                }
            }
        }
    }

    String backend() {
        return backend;
    }

    Harness harness() {
        return harness;
    }

    long seed() {
        return seed;
    }

    /** Checks these rules, in their order. */
    Report run(List<Rule> rules, Listener listener) {
        long start = System.nanoTime();
        plan(rules);
        List<RuleResult> results = new ArrayList<>();
        // First whether the harness can be trusted, then what is being made anyway, then what must be made alone.
        List<Rule> order = new ArrayList<>(rules);
        order.sort(Comparator.comparing(this::turn));
        for (Rule rule : order) {
            results.add(run(rule, listener));
        }
        results.sort(Comparator.comparing(RuleResult::rule));
        return report(results, Duration.ofNanos(System.nanoTime() - start));
    }

    private List<Check> checks(Rule rule) {
        return Check.of(rule).stream().filter(wanted).toList();
    }

    private int turn(Rule rule) {
        if (isOfHarness(rule)) {
            return 0;
        }
        return checks(rule).stream().allMatch(Check::parallel) ? 1 : 2;
    }

    /** Says which rules {@link #run(Rule, Listener)} will be asked for, so that checks can run beside each other. */
    void plan(List<Rule> rules) {
        planned = List.copyOf(rules);
    }

    private ParallelChecks ahead(boolean ofHarness) {
        return ahead.computeIfAbsent(ofHarness, any -> {
            List<Check> checks = planned.stream()
                    .filter(rule -> isOfHarness(rule) == ofHarness && capabilities.containsAll(rule.requires()))
                    .flatMap(rule -> checks(rule).stream())
                    .filter(Check::parallel)
                    .sorted(Comparator.comparing(Check::bound).reversed())
                    .toList();
            boolean asks = !harness.pollInterval().isZero();
            return new ParallelChecks(checks, asks ? AT_ONCE_WHERE_THEY_ASK : AT_ONCE, this::make);
        });
    }

    private static boolean isOfHarness(Rule rule) {
        return rule.area() == RuleArea.H;
    }

    private CheckResult make(Check check, Listener listener) {
        ParallelChecks beside = ahead(isOfHarness(check.rule()));
        if (beside.has(check)) {
            listener.checkingBeside(check, beside::others);
            return beside.result(check);
        }
        beside.awaitAll(listener);
        listener.checking(check);
        return make(check);
    }

    private CheckResult make(Check check) {
        return trials.make(check, seed);
    }

    Report report(List<RuleResult> results, Duration took) {
        return new Report(harness.type(), backend, harness.store(), capabilities, seed, results, began, took);
    }

    /** Checks one rule. */
    RuleResult run(Rule rule, Listener listener) {
        long start = System.nanoTime();
        RuleResult result = outcome(rule, listener, start);
        if (result.outcome() == Outcome.FAIL && rule.area() == RuleArea.H) {
            brokenHarness = result;
        }
        listener.done(result);
        return result;
    }

    private RuleResult outcome(Rule rule, Listener listener, long start) {
        if (brokenHarness != null && rule.area() != RuleArea.H) {
            return unverified(rule, "the harness itself failed " + brokenHarness.rule(), start);
        }
        for (Capability needed : rule.requires()) {
            if (!capabilities.contains(needed)) {
                return absent(rule, needed, start);
            }
        }
        List<Check> checks = checks(rule);
        if (checks.isEmpty()) {
            return unverified(rule, "the kit has no check for this rule yet", start);
        }
        List<CheckResult> made = new ArrayList<>();
        Optional<CheckResult> unverified = Optional.empty();
        boolean any = false;
        for (Check check : checks) {
            CheckResult result = make(check, listener);
            made.add(result);
            if (result.outcome() == Outcome.FAIL) {
                return result(
                        rule, Outcome.FAIL, FailureText.of(this, rule, check.name(), result.detail()), start, made);
            }
            any |= result.outcome() == Outcome.PASS;
            if (result.outcome() == Outcome.UNVERIFIED) {
                unverified = Optional.of(result);
            }
        }
        if (!any && unverified.isEmpty()) {
            return result(
                    rule, Outcome.UNVERIFIED, "nothing to check: " + made.get(0).detail(), start, made);
        }
        return unverified
                .map(result -> result(rule, Outcome.UNVERIFIED, result.detail(), start, made))
                .orElseGet(() -> result(rule, Outcome.PASS, "", start, made));
    }

    private RuleResult absent(Rule rule, Capability needed, long start) {
        String check = "refusal of " + needed;
        return refusalProblem(needed)
                .map(problem -> result(
                        rule,
                        Outcome.FAIL,
                        FailureText.of(this, rule, check, problem),
                        start,
                        List.of(new CheckResult(check, Outcome.FAIL, problem, since(start), List.of()))))
                .orElseGet(() -> result(rule, Outcome.ABSENT, needed + " is not declared", start, List.of()));
    }

    /** A store that does not answer ends this rule and not the run. */
    private Optional<String> refusalProblem(Capability needed) {
        try (Trial trial = trials.begin("refusal", seed)) {
            return Refusal.problem(trial.open(), needed);
        } catch (RuntimeException | AssertionError e) {
            return Optional.of(FailureText.observed(e));
        }
    }

    private static RuleResult unverified(Rule rule, String reason, long start) {
        return result(rule, Outcome.UNVERIFIED, reason, start, List.of());
    }

    private static RuleResult result(Rule rule, Outcome outcome, String detail, long start, List<CheckResult> checks) {
        Duration took = checks.stream().map(CheckResult::took).reduce(Duration.ZERO, Duration::plus);
        return new RuleResult(rule, outcome, detail, checks.isEmpty() ? since(start) : took, checks);
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Override
    public void close() {
        trials.close();
        harness.close();
    }
}
