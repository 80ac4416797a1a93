/**
 * For those who write a backend: the parts that every driver needs and none should get wrong, written once. What makes
 * a lease safe ({@link dev.holdfast.spi.driver.LeaseSession}), calls that always end
 * ({@link dev.holdfast.spi.driver.Calls}), checks of arguments and limits ({@link dev.holdfast.spi.driver.Checks}).
 *
 * <p>Using it is a choice: the conformance kit looks at behaviour only.
 */
@NullMarked
package dev.holdfast.spi.driver;

import org.jspecify.annotations.NullMarked;
