/**
 * Storage and leader locks in ZooKeeper.
 *
 * <h2>What lies where</h2>
 *
 * Everything is below the option {@code path}, and can be read with {@code zkCli.sh ls -R}. The first character of a
 * child's name says what it is, so a listing is one request:
 *
 * <pre>
 * &lt;path&gt;/d/+core/+users/=alice   the value of the key core/users/alice; =name is a value, +name a directory
 * &lt;path&gt;/d/+core/+users          a directory, while something lies below it; its data names one of its children
 * &lt;path&gt;/f/812-9f3c…             the fence stands at the token 812; each raise replaces this one node by another
 * &lt;path&gt;/l/core%2flock           the queue of the lock core/lock, a container
 * &lt;path&gt;/l/core%2flock/694d…-1-0000000007
 *                                one contender, an ephemeral node; the one with the lowest number holds the lock
 * </pre>
 *
 * Characters that ZooKeeper does not allow in a name, and {@code %}, are written as {@code %xx} for each byte of their UTF-8.
 *
 * <h2>How it talks to the servers</h2>
 *
 * Apache Curator keeps the connections: one session for data, and one for locks, so that whatever happens to a large
 * value or listing costs no lock. Requests go to the handle below it, because its own ones are repeated and queued
 * without a bound.
 *
 * <p>A read is sent right behind a transaction that changes nothing, in one flight, so it sees every write that was
 * acknowledged before; where there is one server only, behind a {@code sync}. With several servers a {@code sync} would not
 * do: their leader answers those of its own clients at once, although it may be a little later than a follower in applying what
 * was agreed on, or was deposed and does not know it yet.
 */
@NullMarked
package dev.holdfast.backend.zookeeper;

import org.jspecify.annotations.NullMarked;
