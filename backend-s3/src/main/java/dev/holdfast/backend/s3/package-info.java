/**
 * Storage and leader locks in a bucket of S3, or of another store that speaks its protocol.
 *
 * <h2>What lies where</h2>
 *
 * Everything starts with the option {@code path}, and can be read with any S3 client:
 *
 * <pre>
 * &lt;path&gt;d/core/users/alice   the value of the key core/users/alice, byte for byte
 * &lt;path&gt;l/core/lock          the lock core/lock: a few lines of text that say who holds it, or that it is free
 * &lt;path&gt;e/core/lock          how many tokens of that lock were set aside, should somebody delete its object
 * &lt;path&gt;p/6f9e…              an object that the store's conditional writes are tried out with; deleted at once
 * </pre>
 *
 * <h2>What S3 cannot do</h2>
 *
 * A write cannot depend on another object, so there are no transactions and there is no fence: a pair with this storage
 * is bounded by time. Locks rest on conditional writes of one object, which stores implement more or less well; an
 * instance tries them out before it declares locks.
 */
@NullMarked
package dev.holdfast.backend.s3;

import org.jspecify.annotations.NullMarked;
