/**
 * The reference implementation: the contract in its plainest form, over a store in this JVM. Whoever writes a backend
 * can read it as the worked example; other backends have the same files for the same things.
 *
 * <p>The client, which is what a backend is: {@link dev.holdfast.backend.inmem.InMemProvider} and
 * {@code InMemOptions} (what a user configures), {@code InMemBackend} (storage),
 * {@code InMemErrors} (how failures are told), {@code InMemLocks} (how a lock is won) and {@code InMemSession} (how it
 * is kept, and how its loss is noticed).
 *
 * <p>The server, which elsewhere is a store of its own: {@link dev.holdfast.backend.inmem.InMemStore} with
 * {@code InMemNamespace} (entries and a fence) and {@code InMemLockTable} (sessions and queues).
 *
 * <p>Between them {@link dev.holdfast.backend.inmem.InMemLink}, the network. Tests cut it, slow it down or make it lose
 * messages, so that everything that can go wrong between a client and its store goes wrong here without a container.
 */
@NullMarked
package dev.holdfast.backend.inmem;

import org.jspecify.annotations.NullMarked;
