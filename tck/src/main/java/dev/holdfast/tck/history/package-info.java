/** What happened when, on one clock, and whether it was allowed to. */
@NullMarked
package dev.holdfast.tck.history;

import org.jspecify.annotations.NullMarked;
