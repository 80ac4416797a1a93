package dev.holdfast.tck.rules;

/** Tokens and what they stop. */
public final class FencingRules {}
