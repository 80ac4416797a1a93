package dev.holdfast.tck.report;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.CheckResult;
import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.Report;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.RuleResult;
import dev.holdfast.tck.history.Hold;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Runs and histories that are made up, with everything in them that a report has to show. */
final class Samples {
    static final Key LOCK = Key.of("core/lock");
    static final long MS = 1_000_000;

    /** What must show as it is, and do nothing. */
    static final String HOSTILE =
            "</script><script>document.title='broken'</script>{{json}} ]]> $1 \u0001 \uD800 & \"'";

    private Samples() {}

    /** Released at the end of its time, in ms. */
    static Hold hold(String who, long token, double asked, double from, double until) {
        return new Hold(
                who, LOCK, token, at(asked), at(from), at(until), at(until), Hold.NEVER, at(until), at(until) + 40_000);
    }

    /** Last seen held, last seen not told of the loss, and told, in ms. */
    static Hold lost(String who, long token, double asked, double from, double until, double open, double told) {
        return new Hold(who, LOCK, token, at(asked), at(from), at(until), at(open), at(told), Hold.NEVER, Hold.NEVER);
    }

    static long at(double millis) {
        return (long) (millis * MS);
    }

    /** A holder whose link is a black hole goes on believing that it holds the lock, while a rival wins it. */
    static Timeline overlap() {
        List<Hold> holds = List.of(
                hold("node-1", 41, 1, 3.2, 180),
                hold("node-2", 42, 20, 180.9, 410),
                lost("node-1", 43, 185, 411.2, 1_655.4, 1_655.4, 1_656),
                hold("node-3", 44, 35, 1_520.7, 1_890),
                hold("node-2", 45, 415, 1_891.1, 2_100));
        TimelineBuilder builder =
                new TimelineBuilder(List.of("node-1", "node-2", "node-3", "witness"), holds, at(2_200));
        builder.attempt("witness", LOCK, at(700), at(900), "no lease");
        builder.attempt("witness", LOCK, at(1_200), at(1_400), "no lease");
        builder.fault("node-1", "black hole", at(520), at(1_760));
        builder.fault("store", "paused", at(1_930), at(2_010));
        return builder.build().orElseThrow();
    }

    /** The holder is told of its loss 4 ms after its rival's acquire has returned: too short to be seen in the whole. */
    static Timeline lateLoss() {
        List<Hold> holds =
                List.of(lost("holder", 7, 0.4, 1.1, 998, 1_004.3, 1_004.6), hold("rival", 8, 12, 1_000.3, 1_420));
        TimelineBuilder builder = new TimelineBuilder(List.of("holder", "rival"), holds, at(1_500));
        builder.fault("holder", "lose replies", at(100), at(1_200));
        return builder.build().orElseThrow();
    }

    /** Eight contenders hand the lock around; one of them is cut off twice. */
    static Timeline handOffs(int number, long seed) {
        Random random = new Random(seed);
        List<String> names = List.of("c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7");
        double[] free = new double[names.size()];
        List<Hold> holds = new ArrayList<>();
        double now = 2;
        for (int i = 0; i < number; i++) {
            int who = random.nextInt(names.size());
            double from = now + 0.05 + random.nextDouble() * 0.1;
            double until = from + 0.2 + random.nextDouble();
            boolean loses = i == number / 3;
            holds.add(
                    loses
                            ? lost(names.get(who), i + 1, free[who], from, from + 200, from + 200, from + 201)
                            : hold(names.get(who), i + 1, free[who], from, until));
            now = loses ? from + 210 : until + 0.04;
            free[who] = now;
        }
        TimelineBuilder builder = new TimelineBuilder(names, holds, at(now + 1));
        double third = holds.get(number / 3).from() / 1e6;
        builder.fault(holds.get(number / 3).contender(), "lose requests", at(third + 0.1), at(third + 230));
        builder.fault("c2", "reset", at(third + 400), at(third + 420));
        return builder.build().orElseThrow();
    }

    static CheckResult check(String name, Outcome outcome, String detail, Timeline... timelines) {
        return new CheckResult(name, outcome, detail, Duration.ofMillis(1_234), List.of(timelines));
    }

    static RuleResult rule(Rule rule, Outcome outcome, String detail, CheckResult... checks) {
        return new RuleResult(rule, outcome, detail, Duration.ofMillis(checks.length * 1_234L), List.of(checks));
    }

    static Report report(List<RuleResult> results) {
        Set<Capability> declared = EnumSet.complementOf(EnumSet.of(Capability.TRANSACTIONS));
        return new Report(
                "sample",
                "sample (endpoints=http://127.0.0.1:2379)",
                "Sample Store 3.4.23 in 3 containers",
                declared,
                Long.MIN_VALUE,
                results,
                Instant.parse("2026-01-02T03:04:05.678Z"),
                Duration.ofMillis(83_210));
    }

    /** All rules, of which two fail. */
    static Report failing() {
        return report(Arrays.stream(Rule.values()).map(Samples::failing).toList());
    }

    /** All rules, all kept. */
    static Report passing() {
        return report(Arrays.stream(Rule.values())
                .map(rule -> rule(rule, Outcome.PASS, "", check("itWorks", Outcome.PASS, "")))
                .toList());
    }

    private static RuleResult failing(Rule rule) {
        String overlap = """
                two contenders held lock 'core/lock' at once, for 134.700 ms at least:
                  node-1       token 43     asked 185.000 ms, acquired by 411.200 ms, last seen held at 1655.400 ms, \
                lost() seen complete at 1656.000 ms
                  node-3       token 44     asked 35.000 ms, acquired by 1520.700 ms, last seen held at 1890.000 ms""";
        return switch (rule) {
            case HA_01 ->
                rule(
                        rule,
                        Outcome.FAIL,
                        "HA-01 At most one holder\n  observed:  " + overlap,
                        check("noTwoContendersHoldTheLockDuringHandOffs", Outcome.PASS, "", handOffs(2_000, 1)),
                        check("noTwoContendersHoldTheLockWhateverTheirLinksDo", Outcome.FAIL, overlap, overlap()));
            case LO_02 ->
                rule(
                        rule,
                        Outcome.FAIL,
                        "LO-02 Lost precedes rival\n  observed:  " + HOSTILE,
                        check("aLossIsKnownBeforeARivalWins", Outcome.FAIL, HOSTILE, lateLoss()));
            case HA_08 ->
                rule(rule, Outcome.PASS, "", check("holderNamesTheHolder", Outcome.PASS, "", handOffs(60, 2)));
            case KV_08 -> rule(rule, Outcome.ABSENT, "TRANSACTIONS is not declared");
            case LO_04, LO_05 ->
                rule(
                        rule,
                        Outcome.UNVERIFIED,
                        "the store lives in one process, so no holder can be forked",
                        check("stepsOfTheClockChangeNothing", Outcome.UNVERIFIED, "no holder can be forked"));
            default -> rule(rule, Outcome.PASS, "", check("whatTheRuleSays", Outcome.PASS, ""));
        };
    }
}
