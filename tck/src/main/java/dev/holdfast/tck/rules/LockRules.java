package dev.holdfast.tck.rules;

/** One holder at a time. */
public final class LockRules {}
