/** Everything in storage is encrypted; the keys are had by unsealing. */
@NullMarked
package dev.holdfast.server.barrier;

import org.jspecify.annotations.NullMarked;
