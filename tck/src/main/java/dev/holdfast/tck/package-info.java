/**
 * The conformance kit: proves that a backend keeps the contract of {@code tck/SPEC.md}, or shows exactly where not.
 *
 * <p>In a build of your own, extend {@link dev.holdfast.tck.BackendConformance}; on the command line, {@code holdfast
 * tck TYPE -o key=value} needs no code at all.
 */
@NullMarked
package dev.holdfast.tck;

import org.jspecify.annotations.NullMarked;
