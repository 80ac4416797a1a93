package dev.holdfast.tck;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a check: a method that takes a {@link Trial} and throws an {@link AssertionError} when the rule is broken. A rule
 * may have several checks; it passes when all of them do.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Verifies {
    /** The rule that is checked. */
    Rule value();

    /**
     * Whether it may run beside others: it needs no power over the whole store, measures no time that a busy machine would
     * spoil, and waits more than it works.
     */
    boolean parallel() default false;

    /** Whether it needs a store of several servers; with one there is nothing to check. */
    boolean cluster() default false;

    /** The longest time that the check may take; beyond it the check has failed by hanging. */
    int boundSeconds() default 60;
}
