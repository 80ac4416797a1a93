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
 *   <li>A waiter looks every {@code lock_poll}, with a conditional read that is answered by {@code 304}. Waiters do not
 *       queue, because S3 tells nobody of anything: the next to look wins, and those who look before its write has come
 *       try in vain, so a hand-off costs the more the more wait (rule LV-03, which is a SHOULD). An instance that has
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
 * Below {@code INFO}, the SDK's signer and the HTTP client log whole headers, and with them the session token of temporary
 * credentials, which nothing here can keep them from (rule LC-02). Keep the loggers {@code software.amazon.awssdk} and
 * {@code org.apache.hc.client5} at {@code INFO} or above where such credentials are used.
 */
@NullMarked
package dev.holdfast.backend.s3;

import org.jspecify.annotations.NullMarked;
