/**
 * Key-value storage and leader locks behind a small interface.
 *
 * <p>Start at {@link dev.holdfast.spi.Backend} (storage), go on to {@link dev.holdfast.spi.HABackend} and
 * {@link dev.holdfast.spi.Lease} (locks), and open one with {@link dev.holdfast.spi.Backends}. Rule numbers such as
 * {@code HA-05} refer to {@code tck/SPEC.md}, the contract that the conformance kit checks.
 *
 * <p>Everything here blocks, is safe for use by many threads, and takes no lock around I/O, so a host may call it from
 * virtual threads. No call blocks for ever: storage calls end within the backend's {@code request_timeout}.
 */
@NullMarked
package dev.holdfast.spi;

import org.jspecify.annotations.NullMarked;
