/**
 * Contenders in processes of their own, which can be killed, stopped and shown another wall clock.
 *
 * <p>They stamp what happens with {@link System#nanoTime()}, which on Linux is one clock for all processes of a machine
 * (CLOCK_MONOTONIC), so that intervals from several processes can be compared.
 */
@NullMarked
package dev.holdfast.tck.contender;

import org.jspecify.annotations.NullMarked;
