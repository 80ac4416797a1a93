/** The in-memory backend beside a sorted map, under JMH. */
@NullMarked
package dev.holdfast.bench.inmem;

import org.jspecify.annotations.NullMarked;
