/**
 * For those who write a backend, or a host of one: the parts that each needs and none should get wrong, written once. What
 * makes a lease safe ({@link dev.holdfast.spi.driver.LeaseSession}), calls that always end
 * ({@link dev.holdfast.spi.driver.Calls}, {@link dev.holdfast.spi.driver.Alarms}), an orderly end of what many threads use
 * ({@link dev.holdfast.spi.driver.Turnstile}), checks of arguments and limits ({@link dev.holdfast.spi.driver.Checks}).
 *
 * <p>Using it is a choice: the conformance kit looks at behaviour only.
 */
@NullMarked
package dev.holdfast.spi.driver;

import org.jspecify.annotations.NullMarked;
