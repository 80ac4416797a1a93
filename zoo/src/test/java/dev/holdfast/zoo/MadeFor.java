package dev.holdfast.zoo;

import dev.holdfast.tck.Rule;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a mutant: a class whose one fault the kit must find with this rule. Its superclass does not have the fault. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface MadeFor {
    /** The rule that must fail. */
    Rule value();

    /** The fault in one sentence. */
    String fault();

    /** What the failure must give as a likely cause: one of the rule's hints, or a part of it. */
    String cause();

    /** A regular expression for what the failure must have observed, lest something else be what is found. */
    String seen();
}
