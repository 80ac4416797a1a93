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
 * &lt;path&gt;p/6f9e…              an object that the store's conditional writes are tried out with; deleted when that is over,
 *                            but for what an instance that ends meanwhile, or a store that throttles, leaves behind
 * </pre>
 *
 * <h2>The lock</h2>
 *
 * A lock's object is written by conditional writes only, and never deleted: to free it is to write that it is free.
 *
 * <ul>
 *   <li>The holder rewrites it every quarter of the TTL, each time with another content, so that its ETag changes. Its
 *       lease counts from when it <em>sent</em> the last write that was acknowledged, less a margin.
 *   <li>A contender replaces it when it says that it is free, or has not changed for the TTL that it names, counted on the
 *       contender's own monotonic clock from when it had <em>received</em> the answer that first showed it so. Nobody
 *       compares clocks. The same goes for who asks for the holder: a dead one is named until it was seen for that long.
 *   <li>The token is a number in the object that each winner raises. What is known of it besides is an object that says
 *       how many were set aside, which the first holder of a new object raises while its own record stands: so it rises
 *       even when somebody deletes the lock's object.
 *   <li>Each write names its writer. After a conflict, or when no answer came, a contender reads the object before it
 *       concludes anything. What it gives up it withdraws: it frees the lock, or replaces what its write still under way
 *       expects to find.
 *   <li>A waiter looks every {@code lock_poll}, with a conditional read that is answered by {@code 304}. S3 tells nobody
 *       of anything, so there is no queue in the store; but the waiters of one instance stand in line inside it, and only
 *       the first of them looks. Who saw a lock free and came too late waits for its next look. An instance that has
 *       just freed a lock lets others look once before it takes it again.
 * </ul>
 *
 * <h2>What S3 cannot do</h2>
 *
 * A write cannot depend on another object, so there are no transactions and there is no fence: a pair with this storage
 * is bounded by time. Stores other than S3 have conditional writes that are more or less good, so an instance tries them
 * out when it is opened, and declares no locks where they are not.
 *
 * <h2>Logs</h2>
 *
 * The SDK's signer and its HTTP clients log, below {@code INFO}, whole requests, and with them the session token of
 * temporary credentials. Here they do not get to see it, or do not log: see {@link dev.holdfast.backend.s3.S3Signer} and
 * {@link dev.holdfast.backend.s3.S3Connection}. So what the SDK logs as the canonical request is what it would be without a
 * token, and there is no log of headers. What the SDK does by itself to find credentials, such as asking STS for those of a
 * role, it logs as it pleases: keep {@code software.amazon.awssdk} and {@code org.apache.hc.client5} at {@code INFO} where
 * credentials are found in such a way.
 */
@NullMarked
package dev.holdfast.backend.s3;

import org.jspecify.annotations.NullMarked;
