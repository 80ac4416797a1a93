/** What a backend costs over the raw client of its store, and how fast its locks are beside those of others. */
@NullMarked
package dev.holdfast.bench;

import org.jspecify.annotations.NullMarked;
