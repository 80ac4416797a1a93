package dev.holdfast.backend.inmem;

import dev.holdfast.backend.inmem.InMemLockTable.Name;
import dev.holdfast.backend.inmem.InMemLockTable.Place;
import dev.holdfast.backend.inmem.InMemLockTable.Push;
import dev.holdfast.backend.inmem.InMemLockTable.Standing;
import dev.holdfast.backend.inmem.InMemSession.Ticket;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Calls;
import dev.holdfast.spi.driver.Deadline;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockHandle;
import dev.holdfast.spi.driver.Watches;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How a lock is won: one request enters its queue, and whoever is first in the queue holds the lock. All locks of an
 * instance live in one session, which is opened for the first of them and anew after it was lost.
 */
final class InMemLocks implements LockHandle.Recipe {
    private static final long RETRY_MILLIS = 20;

    private final InMemOptions options;
    private final Operation place;
    private final InMemStore store;
    private final InMemLink link;
    private final Calls calls;
    private final LeaseThreads threads = new LeaseThreads("inmem");
    private final Watches watches = new Watches();
    private final AtomicReference<@Nullable InMemSession> current = new AtomicReference<>();

    InMemLocks(InMemOptions options, InMemStore store, InMemLink link, Calls calls) {
        this.options = options;
        this.place = options.place();
        this.store = store;
        this.link = link;
        this.calls = calls;
    }

    /** The place in the queue is gone, for no fault of the store's: queue again (rule LV-04). */
    private static final class PlaceLost extends Exception {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public Optional<? extends Lease> acquire(Key key, String value, Deadline deadline) throws InterruptedException {
        Operation operation = place.on("acquire", key);
        Deadline patience = Deadline.after(Duration.ZERO);
        while (true) {
            try {
                return attempt(operation, key, value, deadline);
            } catch (PlaceLost e) {
                patience = Deadline.after(options.requestTimeout());
            } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (patience.passed() || deadline.passed()) {
                    throw e instanceof BackendException.Unavailable unavailable
                            ? unavailable
                            : new BackendException.Unavailable(operation, "no answer, so the attempt is withdrawn", e);
                }
                Thread.sleep(RETRY_MILLIS); // a waiter that lost its session in an outage outlasts it, within bounds
            }
        }
    }

    private Optional<? extends Lease> attempt(Operation operation, Key key, String value, Deadline deadline)
            throws InterruptedException, PlaceLost {
        InMemSession session = session(operation);
        Name lock = new Name(options.namespace(), key);
        Ticket ticket = session.newTicket();
        boolean settled = false; // nothing of this ticket is left behind, or a lease looks after it
        try {
            boolean wait = !deadline.passed();
            Standing entered = calls.write(operation, () -> session.enter(ticket, lock, value, wait));
            if (!wait && entered.place() == Place.ABSENT) {
                settled = true;
                return Optional.empty();
            }
            Standing outcome = ticket.outcome().get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
            if (outcome.place() != Place.HOLDS) {
                throw new PlaceLost();
            }
            Optional<? extends Lease> won =
                    session.grant(ticket, lock, outcome.token(), () -> release(key, session, ticket));
            if (won.isEmpty()) {
                throw new PlaceLost();
            }
            settled = true;
            return won;
        } catch (TimeoutException e) {
            settled = true;
            confirm(operation, session.leave(ticket));
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new AssertionError("the outcome of a ticket is a standing", e);
        } finally {
            if (!settled) {
                session.leave(ticket);
            }
        }
    }

    private void release(Key key, InMemSession session, Ticket ticket) {
        confirm(place.on("release", key), session.leave(ticket));
    }

    /** Waits for a goodbye that is under way. It was sent before: an interrupted thread says goodbye, too. */
    private void confirm(Operation operation, CompletionStage<Void> left) {
        Void unused = calls.confirm(operation, left);
    }

    /** The session of this instance: the one at hand, or a new one when there is none that lives. */
    private InMemSession session(Operation operation) {
        InMemSession before = current.get();
        if (before != null && before.isAlive()) {
            return before;
        }
        long sent = System.nanoTime();
        long id = calls.write(
                operation,
                () -> link.send(
                        store,
                        server -> server.openSession(options.lockTtl(), push -> link.push(() -> received(push)))));
        InMemSession opened = new InMemSession(id, sent, options, store, link, threads);
        if (!current.compareAndSet(before, opened)) {
            opened.end(new Loss(Loss.Reason.CLOSED, "another thread has opened the session"));
            return session(operation);
        }
        if (calls.isClosed()) { // close() may have come too early to see this session
            close();
            throw new BackendException.Closed(operation, false);
        }
        return opened;
    }

    private void received(Push push) {
        InMemSession session = current.get();
        if (session != null && session.id() == push.session()) {
            session.changed(push.ticket(), push.standing());
        }
    }

    @Override
    public Optional<Holder> holder(Key key) {
        Name lock = new Name(options.namespace(), key);
        return calls.read(
                place.on("holder", key),
                () -> link.send(store, server -> server.locks().holder(lock)));
    }

    @Override
    public Optional<HALock.Watch> watch(Key key, Runnable listener) {
        Name lock = new Name(options.namespace(), key);
        return Optional.of(watches.add(
                place.on("watch", key), listener, changed -> new InMemWatch(store, link, threads, lock, changed)));
    }

    /** Ends the session, so that rivals need not wait for its expiry. */
    void close() {
        watches.close();
        InMemSession session = current.get();
        if (session != null) {
            boolean worthWaiting = session.isAlive();
            CompletionStage<Void> ended = session.end(new Loss(Loss.Reason.CLOSED, "the backend was closed"));
            if (worthWaiting) {
                await(ended);
            }
        }
        threads.close();
    }

    private void await(CompletionStage<Void> ended) {
        try {
            Void unused =
                    ended.toCompletableFuture().get(options.requestTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // The store could not be told: it will expire the session, which nobody renews any more.
        }
    }
}
