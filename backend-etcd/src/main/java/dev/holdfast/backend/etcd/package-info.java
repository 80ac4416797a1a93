/**
 * Storage and leader locks in etcd.
 *
 * <h2>What lies where</h2>
 *
 * Everything is below the option {@code path}, and can be read with {@code etcdctl get --prefix}. No key has an empty
 * segment, so a doubled slash can mark the place where a directory ends and a name in it begins: all names of one
 * directory lie side by side, and a listing costs by its length and not by what lies below.
 *
 * <pre>
 * &lt;path&gt;d/core/users//alice        the value of the key core/users/alice
 * &lt;path&gt;d/core//users/             the marker of the directory core/users/, while something lies below it;
 *                                  it holds the name of one child, which keeps it alive
 * &lt;path&gt;f                          the fence: 19 digits, so that the order of the bytes is that of the numbers
 * &lt;path&gt;l/core/lock//694d…-0       one contender in the queue of the lock core/lock, attached to its etcd lease;
 *                                  the one created first holds the lock; names come again, revisions do not
 * &lt;path&gt;l//694d…                   the gate of a session: raised to shut out a request that may still be under way
 * </pre>
 *
 * <h2>Why not jetcd's client</h2>
 *
 * The calls go through the gRPC stubs that jetcd generates. Its client above them has no range compare, which the
 * removal of directories needs, no bound on a call, and repeats calls on its own.
 */
@NullMarked
package dev.holdfast.backend.etcd;

import org.jspecify.annotations.NullMarked;
