/**
 * Makes a JVM service active on one node and standby on the others, whatever stores it uses.
 *
 * <p>{@link dev.holdfast.ha.HAStorage} pairs the store of the data with the store of the lock and says how late writes of
 * a deposed active are stopped; {@link dev.holdfast.ha.HANode} contends for the lock and tells the service when it is
 * active ({@link dev.holdfast.ha.Term}) and when it is no longer. Embedding it takes
 * {@linkplain dev.holdfast.ha.HANode less than ten lines}. Rule numbers such as {@code SP-04} refer to
 * {@code tck/SPEC.md}.
 */
@NullMarked
package dev.holdfast.ha;

import org.jspecify.annotations.NullMarked;
