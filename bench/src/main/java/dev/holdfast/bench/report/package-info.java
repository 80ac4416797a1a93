/** What was measured, as a table, as JSON and as a page. */
@NullMarked
package dev.holdfast.bench.report;

import org.jspecify.annotations.NullMarked;
