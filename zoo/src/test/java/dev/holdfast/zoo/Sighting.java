package dev.holdfast.zoo;

import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.RuleResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the kit said of a mutant.
 *
 * @param mutant the broken class
 * @param broken what its rule said of it
 * @param healthy what the same rule said of its superclass, which is not broken
 */
record Sighting(Class<?> mutant, RuleResult broken, RuleResult healthy) {
    private static final String LIKELY = "\n  likely:";
    private static final String BUSY = "this machine is too busy";
    private static final String OBSERVED = "\n  observed:";

    MadeFor made() {
        return mutant.getAnnotation(MadeFor.class);
    }

    /** What is wrong with the answer of the kit; empty when it caught the mutant for the right reason, and it only. */
    String problem() {
        String text = broken.detail();
        if (healthy.outcome() == Outcome.FAIL) {
            return mutant.getSuperclass().getSimpleName() + ", which is not broken: " + healthy.outcome() + "\n"
                    + healthy.detail();
        }
        if (broken.outcome() == Outcome.UNVERIFIED && text.startsWith(BUSY)) {
            return "";
        }
        if (broken.outcome() != Outcome.FAIL) {
            return "not caught: " + broken.outcome() + " " + text;
        }
        if (!text.startsWith(made().value().id())) {
            return "the message does not name " + made().value() + ":\n" + text;
        }
        if (!text.substring(text.indexOf(LIKELY)).contains(made().cause())) {
            return "the likely causes do not have '" + made().cause() + "':\n" + text;
        }
        return Pattern.compile(made().seen()).matcher(observed()).find()
                ? ""
                : "something else was observed than /" + made().seen() + "/:\n" + text;
    }

    /** Why nothing was shown: a busy machine kept the rule from deciding; else empty. */
    String doubt() {
        if (!problem().isEmpty()) {
            return "";
        }
        if (broken.outcome() != Outcome.FAIL) {
            return broken.outcome() + " " + broken.detail();
        }
        return healthy.outcome() == Outcome.PASS
                ? ""
                : mutant.getSuperclass().getSimpleName() + ", which is not broken: " + healthy.outcome() + " "
                        + healthy.detail();
    }

    /** In a word or two. */
    String verdict() {
        return !problem().isEmpty() ? "NOT CAUGHT" : doubt().isEmpty() ? "caught" : "undecided";
    }

    String observed() {
        String text = broken.detail();
        return text.contains(OBSERVED)
                ? text.substring(text.indexOf(OBSERVED) + OBSERVED.length(), text.indexOf("\n  backend:"))
                : text;
    }

    /** Its first words, on one line, without what is different in each run. */
    String headline() {
        String line = observed()
                .strip()
                .lines()
                .map(String::strip)
                .filter(each -> !each.startsWith("at "))
                .limit(2)
                .collect(Collectors.joining(" "))
                .replaceAll(" \\(store=[^)]*\\)", "")
                .replaceAll(" {2,}", " ")
                .replaceAll("(\\w+\\.)+BackendException\\$", "");
        return line.length() <= 120 ? line : line.substring(0, 119) + "…";
    }
}
