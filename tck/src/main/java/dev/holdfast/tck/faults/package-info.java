/** Faults between a client and its store. */
@NullMarked
package dev.holdfast.tck.faults;

import org.jspecify.annotations.NullMarked;
