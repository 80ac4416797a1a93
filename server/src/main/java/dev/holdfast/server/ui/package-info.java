/** The status page at {@code /ui/}: what an operator wants to see of a cluster, live. */
@NullMarked
package dev.holdfast.server.ui;

import org.jspecify.annotations.NullMarked;
