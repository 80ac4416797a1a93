package dev.holdfast.backend.inmem;

import dev.holdfast.backend.inmem.InMemLockTable.Name;
import dev.holdfast.backend.inmem.InMemLockTable.Place;
import dev.holdfast.backend.inmem.InMemLockTable.Standing;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Calls;
import dev.holdfast.spi.driver.Deadline;
import dev.holdfast.spi.driver.LeaseSession;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockHandle;
import dev.holdfast.zoo.Healthy;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A second recipe for the locks of the in-memory store: each attempt has a session of its own, which is opened and put
 * into the queue by one request, and whose end takes the attempt out of the queue. It is sound; its mutants change one
 * of its steps, for faults that cannot be put around a finished recipe.
 */
public class PlainLocks extends Healthy implements LockHandle.Recipe {
    static final long TICKET = 1;

    InMemOptions options;
    InMemStore store;
    InMemLink link;
    Calls calls;
    LeaseThreads threads;
    private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();

    @Override
    protected void open(Map<String, String> given) {
        super.open(given);
        options = InMemOptions.of(InMemOptions.SCHEMA.parse("zoo", given, name -> null));
        store = InMemStores.named(options.store());
        link = options.link() == null ? new InMemLink() : InMemLinks.named(options.link());
        calls = new Calls(options.requestTimeout(), InMemErrors::map);
        threads = new LeaseThreads("plain");
    }

    @Override
    public HALock lock(Key key, String value) {
        calls.requireOpen(on("lock", key));
        return new LockHandle(this, options.place(), key, value);
    }

    @Override
    public Optional<HALock.Watch> watch(Key key, Runnable news) {
        HALock known = ((HABackend) inner()).lock(key, "");
        return Optional.of(known.watch(options.lockTtl(), news)); // the queue is the same
    }

    Operation on(String action, Key key) {
        return options.place().on(action, key);
    }

    @Override
    public Optional<? extends Lease> acquire(Key key, String value, Deadline deadline) throws InterruptedException {
        Operation operation = on("acquire", key);
        Attempt attempt = new Attempt(new Name(options.namespace(), key), value);
        attempts.add(attempt);
        boolean won = false;
        try {
            Standing standing = enter(operation, attempt, !deadline.passed());
            if (standing.place() == Place.ABSENT) {
                return Optional.empty();
            }
            Optional<Long> token = awaitTurn(attempt, deadline);
            Optional<? extends Lease> lease = token.flatMap(mine -> grant(attempt, mine));
            won = lease.isPresent();
            if (!won) {
                throw calls.isClosed()
                        ? new BackendException.Closed(operation, false)
                        : new BackendException.Unavailable(operation, "the session ended", null);
            }
            return lease;
        } catch (BackendException.OutcomeUnknown e) {
            throw new BackendException.Unavailable(operation, "no answer, so the attempt is withdrawn", e);
        } catch (TimeoutException e) {
            return Optional.empty();
        } finally {
            if (!won) {
                withdraw(attempt);
            }
        }
    }

    /** Opens the session and joins the queue. */
    Standing enter(Operation operation, Attempt attempt, boolean wait) {
        attempt.start();
        return calls.write(
                operation,
                () -> link.send(store, server -> attempt.enterAt(server, TICKET, wait))
                        .thenApply(attempt::entered));
    }

    /** How long the store keeps a session that is not renewed. */
    Duration ttlInTheStore() {
        return options.lockTtl();
    }

    /** The token when it is this attempt's turn; empty when its session has ended. */
    Optional<Long> awaitTurn(Attempt attempt, Deadline deadline) throws InterruptedException, TimeoutException {
        try {
            Standing outcome = attempt.outcome.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
            return outcome.place() == Place.HOLDS ? Optional.of(outcome.token()) : Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    Optional<? extends Lease> grant(Attempt attempt, long token) {
        return attempt.session.grant(attempt.lock.key(), token, () -> release(attempt));
    }

    void withdraw(Attempt attempt) {
        attempt.session.end(new Loss(Loss.Reason.CLOSED, "the attempt was withdrawn"));
    }

    void release(Attempt attempt) {
        attempt.session.end(new Loss(Loss.Reason.CLOSED, "the lease was released"));
        Void unused = calls.write(on("release", attempt.lock.key()), attempt.ended::minimalCompletionStage);
    }

    /** Asks the store to let the session live on, and where its ticket stands; empty when the session is over. */
    CompletableFuture<Optional<Map<Long, Standing>>> renewal(Attempt attempt) {
        Set<Long> tickets = attempt.entered ? Set.of(TICKET) : Set.of();
        return link.renew(store, server -> server.locks().renew(attempt.id, tickets));
    }

    /** From when a renewal counts that was sent then and is acknowledged now. */
    long renewedAt(long sent) {
        return sent;
    }

    /** What the store says of an attempt. */
    void told(Attempt attempt, Standing standing) {
        switch (standing.place()) {
            case WAITS -> {}
            case HOLDS -> attempt.outcome.complete(standing);
            case ABSENT, SESSION_OVER ->
                attempt.session.end(new Loss(Loss.Reason.REVOKED, "the store says " + standing));
        }
    }

    @Override
    public Optional<Holder> holder(Key key) {
        Name lock = new Name(options.namespace(), key);
        return calls.read(
                on("holder", key),
                () -> link.send(store, server -> server.locks().holder(lock)));
    }

    @Override
    public void close() {
        calls.close();
        Loss loss = new Loss(Loss.Reason.CLOSED, "the backend was closed");
        Deadline patience = Deadline.after(options.requestTimeout());
        for (Attempt attempt : attempts) {
            attempt.session.end(loss);
        }
        for (Attempt attempt : attempts) {
            try {
                Void unused = attempt.ended.get(patience.remainingNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException e) {
                // the store will expire the session, which nobody renews any more
            }
        }
        threads.close();
        super.close();
    }

    /** One attempt, its session, and the lease that it wins. */
    final class Attempt {
        final Name lock;
        final String value;
        final CompletableFuture<Standing> outcome = new CompletableFuture<>();
        final CompletableFuture<Void> ended = new CompletableFuture<>();
        volatile long id;
        volatile boolean entered;
        volatile LeaseSession session;
        private volatile Deadline over;

        Attempt(Name lock, String value) {
            this.lock = lock;
            this.value = value;
            this.session = new LeaseSession(threads, options.lockTtl(), System.nanoTime(), this::endAtStore);
        }

        void start() {
            later(this::renew);
        }

        /** At the store. */
        Standing enterAt(InMemStore server, long ticket, boolean wait) {
            if (id == 0) {
                id = server.openSession(ttlInTheStore(), push -> link.push(() -> told(this, push.standing())));
            }
            return server.locks().enter(id, ticket, lock, value, wait);
        }

        Standing entered(Standing standing) {
            entered = true;
            if (standing.place() == Place.HOLDS) {
                told(this, standing);
            }
            return standing;
        }

        private void renew() {
            if (!session.isAlive()) {
                return;
            }
            later(this::renew);
            if (id == 0) {
                return;
            }
            long sent = System.nanoTime();
            var unused = renewal(this).thenAccept(answer -> {
                if (answer.isEmpty()) {
                    told(this, Standing.SESSION_OVER);
                    return;
                }
                session.renewed(renewedAt(sent));
                answer.get().values().forEach(standing -> told(this, standing));
            });
        }

        /** Tells the store again and again, until it has confirmed or has expired the session itself. */
        private void endAtStore(Loss loss) {
            outcome.complete(Standing.SESSION_OVER);
            over = Deadline.after(options.lockTtl().multipliedBy(2));
            tellEnd();
        }

        private void tellEnd() {
            var unused = link.tell(store, server -> server.locks().end(id)).thenAccept(answer -> {
                ended.complete(null);
                attempts.remove(this);
            });
            if (!ended.isDone() && !over.passed()) {
                later(this::tellEnd);
            }
        }

        private void later(Runnable task) {
            try {
                threads.after(options.lockTtl().dividedBy(4).toNanos(), task);
            } catch (RejectedExecutionException e) {
                // closed: nothing is due any more
            }
        }
    }
}
