package dev.holdfast.tck;

/** What the kit found out about one rule. There is no other answer, and no rule is ever tried again until it passes. */
public enum Outcome {
    /** Every check of the rule passed. */
    PASS,
    /** At least one check of the rule failed. */
    FAIL,
    /** The rule needs a capability that the backend does not declare and refuses as documented. */
    ABSENT,
    /** This run could not find out: the harness cannot do what the rule needs, or the rule has no check yet. */
    UNVERIFIED
}
