package dev.holdfast.backend.zookeeper;

import dev.holdfast.backend.zookeeper.ZooKeeperContender.Standing;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Calls;
import dev.holdfast.spi.driver.Deadline;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockHandle;
import dev.holdfast.spi.driver.SessionLease;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The locks: for each a queue of entries that live as long as the session that made them. Who came first holds the
 * lock, and everybody else watches the one right ahead, so a release wakes one waiter.
 */
final class ZooKeeperLocks implements LockHandle.Recipe, AutoCloseable {
    /** How often a waiter makes sure that the store still answers. */
    private static final Duration REASSURANCE = Duration.ofSeconds(5);

    /** How long an interrupted acquire stays to see its entry removed; beyond that it is removed behind its back. */
    private static final Duration TIDY = Duration.ofMillis(300);

    private final ZooKeeperOptions options;
    private final Operation place;
    private final ZooKeeperKeys keys;
    private final ZooKeeperClient data;
    private final ZooKeeperRoots roots;
    private final Calls calls;
    private final LeaseThreads threads;
    private final AtomicReference<@Nullable CompletableFuture<ZooKeeperSession>> session = new AtomicReference<>();

    ZooKeeperLocks(
            ZooKeeperOptions options,
            Operation place,
            ZooKeeperKeys keys,
            ZooKeeperClient data,
            ZooKeeperRoots roots,
            Calls calls,
            LeaseThreads threads) {
        this.options = options;
        this.place = place;
        this.keys = keys;
        this.data = data;
        this.roots = roots;
        this.calls = calls;
        this.threads = threads;
    }

    @Override
    public Optional<SessionLease> acquire(Key key, String value, Deadline deadline) throws InterruptedException {
        Operation operation = place.on("acquire", key);
        while (true) {
            ZooKeeperContender contender =
                    new ZooKeeperContender(session(operation), roots, data, keys, key, options.lockTtl());
            try {
                Standing standing = compete(operation, contender, value, deadline);
                if (standing.first()) {
                    Optional<SessionLease> lease = grant(key, contender, standing);
                    if (lease.isPresent()) {
                        return lease;
                    }
                }
                leave(operation, contender);
                if (standing.ahead().isPresent()) {
                    return Optional.empty();
                }
                if (deadline.passed() && contender.session().ended().isDone()) {
                    throw new BackendException.Unavailable(operation, "the session ended meanwhile", null);
                }
            } catch (InterruptedException | BackendException e) {
                CompletableFuture<Void> left = contender.leave();
                if (Thread.interrupted() || e instanceof InterruptedException) {
                    settle(left, TIDY);
                    throw new InterruptedException();
                }
                throw notHeld(operation, (BackendException) e);
            }
        }
    }

    /** Removes the entry, unless it goes with its session anyway: then the next one queues behind it for as long. */
    private void leave(Operation operation, ZooKeeperContender contender) {
        try {
            calls.write(operation, contender::leave);
        } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
            if (!contender.session().ended().isDone() || Thread.currentThread().isInterrupted()) {
                throw e;
            }
        }
    }

    /**
     * Queues until the contender is first, or the deadline has passed, or it is no longer queued, which happens when
     * its session has ended or somebody deleted its entry.
     */
    private Standing compete(Operation operation, ZooKeeperContender contender, String value, Deadline deadline)
            throws InterruptedException {
        Standing standing = join(operation, contender, value, deadline);
        while (standing.queued() && !standing.first() && !deadline.passed()) {
            standing = await(operation, contender, standing, deadline);
        }
        return standing;
    }

    private Standing join(Operation operation, ZooKeeperContender contender, String value, Deadline deadline)
            throws InterruptedException {
        Deadline patience = Deadline.after(options.requestTimeout());
        try {
            return calls.write(operation, () -> contender.join(value));
        } catch (BackendException.OutcomeUnknown e) {
            if (Thread.currentThread().isInterrupted() || deadline.passed()) {
                throw e;
            }
            // For certain, before another entry is made; a store that is still out of reach is for the caller to hear.
            try {
                contender.leave().get(patience.remainingNanos(), TimeUnit.NANOSECONDS);
                return Standing.GONE;
            } catch (ExecutionException | TimeoutException unconfirmed) {
                throw e;
            }
        }
    }

    /** Waits for the entry ahead to go, and returns where the contender stands then. */
    private Standing await(Operation operation, ZooKeeperContender contender, Standing before, Deadline deadline)
            throws InterruptedException {
        Optional<ZooKeeperWatch> started = watch(operation, contender, before);
        if (started.isEmpty()) {
            return Standing.GONE;
        }
        try (ZooKeeperWatch watch = started.get()) {
            Standing now = before;
            while (now.ahead().equals(before.ahead()) && !deadline.passed()) {
                pause(watch.stirred(), contender, deadline);
                boolean stirred = watch.stirred().isDone();
                now = calls.read(operation, () -> contender.look(before));
                if (stirred) {
                    return now;
                }
            }
            return now;
        }
    }

    private Optional<ZooKeeperWatch> watch(Operation operation, ZooKeeperContender contender, Standing standing) {
        try {
            return Optional.of(
                    calls.read(operation, () -> contender.watch(standing.ahead().orElseThrow())));
        } catch (BackendException.Unavailable e) {
            if (contender.session().ended().isDone() && !Thread.currentThread().isInterrupted()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Waits for an event, but only until something else calls for a look. */
    private static void pause(CompletableFuture<Void> event, ZooKeeperContender contender, Deadline deadline)
            throws InterruptedException {
        CompletableFuture<Object> any =
                CompletableFuture.anyOf(event, contender.session().ended());
        try {
            any.get(deadline.remaining(REASSURANCE).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            any.cancel(false); // the next look tells
        }
    }

    private Optional<SessionLease> grant(Key key, ZooKeeperContender contender, Standing standing) {
        ZooKeeperHold hold = new ZooKeeperHold(data, contender);
        Operation operation = place.on("release", key);
        Optional<SessionLease> lease = contender.session().leases().grant(key, standing.token(), () -> {
            hold.close();
            CompletableFuture<Void> left = contender.leave(); // also when the thread is interrupted
            calls.write(operation, () -> left);
        });
        lease.ifPresent(hold::begin);
        return lease;
    }

    /** The session to queue in: the one there is, or a new one when that has ended. */
    private ZooKeeperSession session(Operation operation) throws InterruptedException {
        try {
            return calls.read(operation, () -> current().copy());
        } catch (BackendException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw e;
        }
    }

    private CompletableFuture<ZooKeeperSession> current() {
        CompletableFuture<ZooKeeperSession> known = session.get();
        if (known != null && !isOver(known)) {
            return known;
        }
        CompletableFuture<ZooKeeperSession> opened = new CompletableFuture<>();
        CompletableFuture<ZooKeeperSession> found = session.compareAndExchange(known, opened);
        if (found != null && found != known) {
            return found; // somebody else was first
        }
        try {
            ZooKeeperSession.open(options, threads, data, opened);
        } catch (RuntimeException e) {
            opened.completeExceptionally(e);
        }
        return opened;
    }

    private static boolean isOver(CompletableFuture<ZooKeeperSession> session) {
        return session.isCompletedExceptionally()
                || (session.isDone() && session.join().ended().isDone());
    }

    @Override
    public Optional<Holder> holder(Key key) {
        String queue = keys.queue(key);
        return calls.read(place.on("holder", key), () -> {
            long end = data.end();
            return roots.admitted(end, () -> holder(queue, end));
        });
    }

    private CompletableFuture<Optional<Holder>> holder(String queue, long end) {
        return data.repeated(end, zk -> ZooKeeperCall.synced(zk, queue, () -> ZooKeeperCall.children(zk, queue)))
                .thenCompose(names -> {
                    Optional<String> first = ZooKeeperQueue.first(names);
                    if (first.isEmpty()) {
                        return CompletableFuture.completedFuture(Optional.empty());
                    }
                    return data.repeated(end, zk -> ZooKeeperCall.read(zk, queue + "/" + first.get(), null))
                            .thenCompose(found -> found.isEmpty()
                                    ? holder(queue, end) // it has left meanwhile
                                    : CompletableFuture.completedFuture(found.map(ZooKeeperLocks::holder)));
                });
    }

    private static Holder holder(ZooKeeperCall.Node entry) {
        return new Holder(
                new String(entry.data(), StandardCharsets.UTF_8), entry.stat().getCzxid());
    }

    /** Ends the session and everything in it; rivals need not wait for its expiry. */
    @Override
    public void close() {
        CompletableFuture<ZooKeeperSession> known = session.get();
        if (known != null) {
            CompletableFuture<Void> over = known.thenCompose(open -> {
                open.leases().end(new Loss(Loss.Reason.CLOSED, "the backend was closed"));
                return open.closed();
            });
            settle(over, data.timeout().multipliedBy(3).dividedBy(4));
            known.completeExceptionally(new ZooKeeperErrors.NotSent("the backend was closed"));
        }
    }

    /** Waits for a while, whatever comes of it, and even when the thread is interrupted. */
    static void settle(CompletableFuture<Void> future, Duration bound) {
        long end = System.nanoTime() + bound.toNanos();
        boolean interrupted = false;
        while (!future.isDone()) {
            try {
                future.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException | TimeoutException e) {
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever became of the requests, this contender does not hold the lock. */
    private static BackendException notHeld(Operation operation, BackendException failure) {
        return failure instanceof BackendException.OutcomeUnknown
                ? new BackendException.Unavailable(operation, "the store did not answer; the lock is not held", failure)
                : failure;
    }
}
