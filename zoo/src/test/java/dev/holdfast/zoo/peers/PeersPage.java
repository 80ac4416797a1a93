package dev.holdfast.zoo.peers;

import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.Report;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.RuleResult;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Rule by recipe, and what was observed of each failure. */
record PeersPage(List<Rule> rules, Map<Recipe, Report> reports, double load) {
    String markdown() {
        StringBuilder text = new StringBuilder("""
                # Peers

                What the kit's rules about locks say of recipes that people use today, each behind the thinnest backend
                that serves it, against one server in a container with `lock_ttl` 2 s. The recipes were not made for this
                contract: a FAIL says what their user has to live with or to add. `./holdfast peers --page docs/PEERS.md`
                makes this page anew; one run, so a rule that depends on chance may come out otherwise.

                - LeaderLatch: one latch for each attempt, closed on release, on a timeout and when `notLeader` was called,
                  which is taken for the loss. InterProcessMutex: one mutex for each attempt, in a thread of its own; the
                  recipe has no signal of loss. Both on a Curator client with the session timeout as TTL and a retry of
                  3 × 100 ms; the token is the number that ZooKeeper appended to the node.
                - jetcd Lock: a lease with `keepAlive` for each attempt, whose observer's end is taken for the loss; on a
                  timeout the call is cancelled and the lease runs out. The token is the entry's create revision. The
                  recipe keeps no value with the lock, so whatever compares `holder()` with one fails.
                - None of them can ask once, so a `tryAcquire` of zero waits 500 ms; none tells how long a lease lasts.

                """);
        text.append(String.format(
                Locale.ROOT,
                "This run was on %s, %d processors, with a load average of %.0f at its end; much more than one for each%n"
                        + "processor spoils what a rule measures.%n%n",
                LocalDate.now(ZoneOffset.UTC),
                Runtime.getRuntime().availableProcessors(),
                load));
        text.append("| rule |");
        reports.keySet()
                .forEach(recipe -> text.append(" ").append(recipe.title()).append(" |"));
        text.append("\n|---|").append("---|".repeat(reports.size())).append("\n");
        for (Rule rule : rules) {
            text.append("| ").append(rule).append(" ").append(rule.title()).append(" |");
            reports.values()
                    .forEach(report -> text.append(" ")
                            .append(mark(result(report, rule).outcome()))
                            .append(" |"));
            text.append("\n");
        }
        reports.forEach((recipe, report) -> {
            text.append("\n## ").append(recipe.title()).append("\n\n");
            text.append(String.format(
                    Locale.ROOT,
                    "%s; %d passed, %d failed, %d not verified; %.0f s; seed %d.%n%n",
                    report.store(),
                    report.count(Outcome.PASS),
                    report.count(Outcome.FAIL),
                    report.count(Outcome.UNVERIFIED),
                    report.took().toNanos() / 1e9,
                    report.seed()));
            report.results().stream()
                    .filter(result -> result.outcome() != Outcome.PASS)
                    .forEach(result -> text.append(finding(result)));
        });
        return text.toString();
    }

    private static RuleResult result(Report report, Rule rule) {
        return report.results().stream()
                .filter(result -> result.rule() == rule)
                .findFirst()
                .orElseThrow();
    }

    private static String mark(Outcome outcome) {
        return outcome == Outcome.FAIL ? "**FAIL**" : outcome.toString();
    }

    private static String finding(RuleResult result) {
        String observed = result.checks().stream()
                .filter(check -> check.outcome() == result.outcome())
                .map(check -> check.name() + ": " + check.detail())
                .findFirst()
                .orElse(result.detail());
        return "- " + result.rule() + " " + result.outcome() + ", "
                + observed.lines()
                        .map(String::strip)
                        .filter(line -> !line.startsWith("at ") && !line.isEmpty())
                        .limit(4)
                        .collect(Collectors.joining(" "))
                        .replaceAll("; its errors: .*", "")
                        .replaceAll("; what its threads do is in \\S+", "")
                        .replaceAll(" {2,}", " ")
                        .replaceAll(" \\([^()]*path=[^)]*\\)", "")
                + "\n";
    }
}
