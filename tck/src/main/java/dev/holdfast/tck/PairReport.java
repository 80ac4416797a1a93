package dev.holdfast.tck;

import dev.holdfast.ha.HAStorage;
import dev.holdfast.ha.Protection;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.tck.report.KitVersion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What became of one pair.
 *
 * @param protection what stops the late writes of a deposed active
 */
record PairReport(PairHarness pair, Protection protection, Report report) {
    /** What the library makes of the pair. */
    static Protection protection(Backends backends, PairHarness pair) {
        try (Backend data = backends.open(pair.storage().type(), pair.storage().optionsFor("protection"));
                Backend locks = backends.open(pair.locks().type(), pair.locks().optionsFor("protection-lock"));
                HAStorage both = HAStorage.of(data).haStorage(locks).build()) {
            return both.protection();
        }
    }

    /** Whether every rule that pairs have was passed; one that could not be decided was not. */
    boolean passed() {
        return report.count(Outcome.PASS) == PairHarness.RULES.size();
    }

    /** The page of all pairs. */
    static String page(List<PairReport> reports) {
        StringBuilder text = new StringBuilder("""
                # Pairs of stores

                <!-- Written by `./holdfast tck pairs`. Do not edit: run it and write it again. -->

                The data in one store (`storage`) and the lock in another (`ha_storage`): what the conformance kit found out with
                each pair of our backends. The stores are real, in containers, and each half is cut off from the nodes in turn.
                **fenced** means that `storage` itself rejects late writes of a deposed active, **bounded** that time keeps them
                out. The rules are in [tck/SPEC.md](../tck/SPEC.md); SP-06 is that a pair passes SP-01 to SP-05.

                """);
        Map<String, String> stores = new LinkedHashMap<>();
        for (PairReport each : reports) {
            stores.put(each.pair.storage().type(), each.pair.storage().store());
            stores.put(each.pair.locks().type(), each.pair.locks().store());
        }
        stores.forEach((type, store) ->
                text.append("- ").append(type).append(": ").append(store).append('\n'));
        text.append(String.format(
                Locale.ROOT, "- the kit: %s, on Java %s%n%n", KitVersion.text(), System.getProperty("java.version")));
        text.append("| storage | ha_storage | late writes |");
        PairHarness.RULES.forEach(rule -> text.append(String.format(" [%s](../%s) |", rule, rule.anchor())));
        text.append(String.format(" [%s](../%s) | took | date | seed |%n", Rule.SP_06, Rule.SP_06.anchor()));
        text.append("|---".repeat(PairHarness.RULES.size() + 7)).append("|\n");
        reports.forEach(each -> text.append(each.row()));
        appendTroubles(text, reports);
        return text.toString();
    }

    private String row() {
        StringBuilder row = new StringBuilder(String.format(
                "| %s | %s | %s |",
                pair.storage().type(), pair.locks().type(), protection.name().toLowerCase(Locale.ROOT)));
        for (RuleResult result : report.results()) {
            row.append(' ').append(shown(result.outcome())).append(" |");
        }
        return row.append(String.format(
                        Locale.ROOT,
                        " %s | %.0f s | %s | %d |%n",
                        shown(passed() ? Outcome.PASS : Outcome.FAIL),
                        report.took().toNanos() / 1e9,
                        report.began().toString().substring(0, 10),
                        report.seed()))
                .toString();
    }

    private static String shown(Outcome outcome) {
        return outcome == Outcome.PASS || outcome == Outcome.ABSENT ? outcome.name() : "**" + outcome + "**";
    }

    private static void appendTroubles(StringBuilder text, List<PairReport> reports) {
        if (reports.stream().allMatch(PairReport::passed)) {
            return;
        }
        text.append("\nWhat was seen:\n\n");
        for (PairReport each : reports) {
            for (RuleResult result : each.report.results()) {
                if (result.outcome() != Outcome.PASS) {
                    String detail = result.checks().stream()
                            .filter(check -> check.outcome() == result.outcome())
                            .map(check -> check.name() + ": " + check.detail())
                            .findFirst()
                            .orElse(result.detail());
                    text.append(String.format(
                            "- storage %s, ha_storage %s, %s %s, %s%n",
                            each.pair.storage().type(),
                            each.pair.locks().type(),
                            result.rule(),
                            result.outcome(),
                            detail.lines().findFirst().orElse("")));
                }
            }
        }
    }
}
