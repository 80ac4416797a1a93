/** The checks behind the rules, one class per area. */
@NullMarked
package dev.holdfast.tck.rules;

import org.jspecify.annotations.NullMarked;
