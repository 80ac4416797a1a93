/** What a run leaves behind: a page to look at, JSON for programs, and JUnit XML for build servers. */
@NullMarked
package dev.holdfast.tck.report;

import org.jspecify.annotations.NullMarked;
