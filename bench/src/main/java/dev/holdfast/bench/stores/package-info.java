/** The stores that are measured, each with its raw client and with the locks that people use on it today. */
@NullMarked
package dev.holdfast.bench.stores;

import org.jspecify.annotations.NullMarked;
