/** What a backend is compared with: its store's raw client giving the same guarantee, and locks that people use today. */
@NullMarked
package dev.holdfast.bench.raw;

import org.jspecify.annotations.NullMarked;
