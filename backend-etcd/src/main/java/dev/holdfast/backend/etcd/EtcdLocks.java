package dev.holdfast.backend.etcd;

import dev.holdfast.backend.etcd.EtcdContender.Standing;
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
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
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
final class EtcdLocks implements LockHandle.Recipe, AutoCloseable {
    /** How often a waiter makes sure that the store still answers. */
    private static final Duration REASSURANCE = Duration.ofSeconds(5);

    private static final Duration AFTER_BROKEN_WATCH = Duration.ofMillis(100);

    /** How long an interrupted acquire stays to see its entry removed; beyond that it is removed behind its back. */
    private static final Duration TIDY = Duration.ofMillis(300);

    private final EtcdOptions options;
    private final Operation place;
    private final EtcdKeys keys;
    private final EtcdClient client;
    private final Calls calls;
    private final LeaseThreads threads;
    private final AtomicReference<@Nullable CompletableFuture<EtcdSession>> session = new AtomicReference<>();

    EtcdLocks(
            EtcdOptions options, Operation place, EtcdKeys keys, EtcdClient client, Calls calls, LeaseThreads threads) {
        this.options = options;
        this.place = place;
        this.keys = keys;
        this.client = client;
        this.calls = calls;
        this.threads = threads;
    }

    @Override
    public Optional<SessionLease> acquire(Key key, String value, Deadline deadline) throws InterruptedException {
        Operation operation = place.on("acquire", key);
        while (true) {
            EtcdContender contender = new EtcdContender(client, keys, session(operation), key, options.lockTtl());
            try {
                Standing standing = compete(operation, contender, value, deadline);
                if (standing.first()) {
                    Optional<SessionLease> lease = grant(key, contender, standing);
                    if (lease.isPresent()) {
                        return lease;
                    }
                }
                calls.write(operation, contender::leave);
                if (standing.ahead().isPresent()) {
                    return Optional.empty();
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

    /**
     * Queues until the contender is first, or the deadline has passed, or it is no longer queued, which happens when
     * its session has ended or somebody deleted its entry.
     */
    private Standing compete(Operation operation, EtcdContender contender, String value, Deadline deadline)
            throws InterruptedException {
        Standing standing = join(operation, contender, value, deadline);
        while (standing.queued() && !standing.first() && !deadline.passed()) {
            standing = await(operation, contender, standing, deadline);
        }
        return standing;
    }

    private Standing join(Operation operation, EtcdContender contender, String value, Deadline deadline)
            throws InterruptedException {
        Deadline patience = Deadline.after(options.requestTimeout());
        try {
            return calls.write(operation, () -> contender.join(value, deadline.passed()));
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
    private Standing await(Operation operation, EtcdContender contender, Standing before, Deadline deadline)
            throws InterruptedException {
        try (EtcdWatch watch = new EtcdWatch(client, before.ahead().orElseThrow(), EtcdWatch.FROM_NOW)) {
            pause(watch.confirmed(), contender, deadline);
            Standing now = look(operation, contender, before);
            while (now.ahead().equals(before.ahead()) && !deadline.passed()) {
                pause(watch.deleted(), contender, deadline);
                now = look(operation, contender, before);
                if (watch.deleted().isCompletedExceptionally()) {
                    Thread.sleep(deadline.remaining(AFTER_BROKEN_WATCH).toMillis());
                    return now;
                }
            }
            return now;
        }
    }

    private Standing look(Operation operation, EtcdContender contender, Standing before) {
        return calls.read(operation, () -> contender.look(before.created()));
    }

    /** Waits for an event, but only until something else calls for a look. */
    private static void pause(CompletableFuture<Void> event, EtcdContender contender, Deadline deadline)
            throws InterruptedException {
        CompletableFuture<Object> any =
                CompletableFuture.anyOf(event, contender.session().ended());
        try {
            any.get(deadline.remaining(REASSURANCE).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            any.cancel(false); // the next look tells
        }
    }

    private Optional<SessionLease> grant(Key key, EtcdContender contender, Standing standing) {
        EtcdHold hold = new EtcdHold(client, contender);
        Operation operation = place.on("release", key);
        Optional<SessionLease> lease = contender.session().leases().grant(key, standing.created(), () -> {
            hold.close();
            CompletableFuture<Void> left = contender.leave(); // also when the thread is interrupted
            calls.write(operation, () -> left);
        });
        lease.ifPresent(won -> hold.begin(won, standing.revision() + 1));
        return lease;
    }

    /** The session to queue in: the one there is, or a new one when that has ended. */
    private EtcdSession session(Operation operation) throws InterruptedException {
        try {
            return calls.read(operation, () -> current().copy());
        } catch (BackendException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw e;
        }
    }

    private CompletableFuture<EtcdSession> current() {
        CompletableFuture<EtcdSession> known = session.get();
        if (known != null && !isOver(known)) {
            return known;
        }
        CompletableFuture<EtcdSession> opened = new CompletableFuture<>();
        CompletableFuture<EtcdSession> found = session.compareAndExchange(known, opened);
        if (found != null && found != known) {
            return found; // somebody else was first
        }
        EtcdCall.whenDone(EtcdSession.open(client, keys, threads, options.lockTtl()), (open, failure) -> {
            if (failure == null) {
                opened.complete(open);
            } else {
                opened.completeExceptionally(failure);
            }
        });
        return opened;
    }

    private static boolean isOver(CompletableFuture<EtcdSession> session) {
        return session.isCompletedExceptionally()
                || (session.isDone() && session.join().ended().isDone());
    }

    @Override
    public Optional<Holder> holder(Key key) {
        RangeRequest request = EtcdTxn.names(keys.queue(key), 1)
                .setKeysOnly(false)
                .setSortTarget(RangeRequest.SortTarget.CREATE)
                .setSortOrder(RangeRequest.SortOrder.ASCEND)
                .build();
        RangeResponse found = calls.read(
                place.on("holder", key), () -> client.repeated(KVGrpc.getRangeMethod(), request, client.timeout()));
        return found.getKvsList().stream()
                .findFirst()
                .map(first -> new Holder(first.getValue().toStringUtf8(), first.getCreateRevision()));
    }

    /** Ends the session and everything in it; rivals need not wait for its expiry. */
    @Override
    public void close() {
        CompletableFuture<EtcdSession> known = session.get();
        if (known != null) {
            CompletableFuture<Void> over = known.thenCompose(open -> {
                open.leases().end(new Loss(Loss.Reason.CLOSED, "the backend was closed"));
                return open.revoked();
            });
            settle(over, client.timeout().multipliedBy(3).dividedBy(4));
        }
    }

    /** Waits for a while, whatever comes of it, and even when the thread is interrupted. */
    private static void settle(CompletableFuture<Void> future, Duration bound) {
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
