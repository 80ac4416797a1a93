package dev.holdfast.tck.report;

import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.Report;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Rule.Level;
import dev.holdfast.tck.RuleResult;
import java.util.List;
import java.util.stream.Collectors;

/** What a run says about the backend as a whole, by the definition in {@code tck/SPEC.md}. */
record Conformance(Answer answer, String sentence) {
    /** There is no "probably". */
    enum Answer {
        /** Every MUST of the contract is PASS or ABSENT. */
        CONFORMS,
        /** Nothing wrong was seen, but not everything was looked at. */
        NOT_SHOWN,
        /** A MUST was violated, or no rule was checked. */
        FAILED
    }

    static Conformance of(Report report) {
        long checked = report.count(Outcome.PASS) + report.count(Outcome.FAIL);
        if (checked == 0) {
            return new Conformance(Answer.FAILED, "No rule was checked.");
        }
        List<RuleResult> failed = with(report, Outcome.FAIL);
        if (failed.stream().anyMatch(result -> result.rule().level() == Level.MUST)) {
            return new Conformance(
                    Answer.FAILED, "Does not conform: " + failed.size() + " of " + checked + " checked rules failed.");
        }
        String departures = failed.isEmpty() ? "" : " Departs from " + ids(failed) + ", which SHOULD be kept.";
        int left = Rule.values().length - report.results().size();
        long open = with(report, Outcome.UNVERIFIED).stream()
                .filter(result -> result.rule().level() == Level.MUST)
                .count();
        if (open + left > 0) {
            String missing = (open == 0 ? "" : open + " that MUST be kept could not be verified")
                    + (open == 0 || left == 0 ? "" : ", ")
                    + (left == 0 ? "" : left + " were not part of this run");
            return new Conformance(
                    Answer.NOT_SHOWN, "No violation seen, but conformance is not shown: " + missing + "." + departures);
        }
        return new Conformance(
                Answer.CONFORMS,
                failed.isEmpty()
                        ? "Conforms: every rule that applies was checked and kept."
                        : "Conforms: everything that MUST be kept is." + departures);
    }

    private static List<RuleResult> with(Report report, Outcome outcome) {
        return report.results().stream()
                .filter(result -> result.outcome() == outcome)
                .toList();
    }

    private static String ids(List<RuleResult> results) {
        return results.stream().map(result -> result.rule().id()).collect(Collectors.joining(", "));
    }
}
