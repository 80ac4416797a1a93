/** From observations to figures with an interval of confidence. */
@NullMarked
package dev.holdfast.bench.stats;

import org.jspecify.annotations.NullMarked;
