package dev.holdfast.spi.driver;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.LockQueues.Contender;
import dev.holdfast.spi.driver.LockQueues.Session;
import dev.holdfast.spi.driver.LockQueues.Standing;
import dev.holdfast.spi.driver.LockQueues.Watch;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Locks as queues: who came first holds the lock, and everybody else watches the entry right ahead, so a release wakes
 * one waiter. All entries of one instance live in one session, which is opened for the first of them and again when it
 * has ended.
 */
public final class QueueRecipe implements LockHandle.Recipe, AutoCloseable {
    /** How often a waiter makes sure that the store still answers. */
    private static final Duration REASSURANCE = Duration.ofSeconds(5);

    /** How long an interrupted acquire stays to see its entry removed; beyond that it is removed behind its back. */
    private static final Duration TIDY = Duration.ofMillis(300);

    private final Operation place;
    private final Calls calls;
    private final LockQueues queues;
    private final Duration reassurance;
    private final AtomicReference<@Nullable CompletableFuture<Session>> session = new AtomicReference<>();
    private final CompletableFuture<Session> closed;
    private final Watches watches = new Watches();

    public QueueRecipe(Operation place, Calls calls, LockQueues queues) {
        this(place, calls, queues, REASSURANCE);
    }

    /** @param reassurance how often a waiter makes sure that the store still answers */
    QueueRecipe(Operation place, Calls calls, LockQueues queues, Duration reassurance) {
        this.place = place;
        this.calls = calls;
        this.queues = queues;
        this.reassurance = reassurance;
        this.closed = CompletableFuture.failedFuture(new BackendException.Closed(place, false));
    }

    @Override
    public Optional<SessionLease> acquire(Key key, String value, Deadline deadline) throws InterruptedException {
        Operation operation = place.on("acquire", key);
        Deadline patience = Deadline.after(calls.timeout());
        while (true) {
            Session in = session(operation, patience);
            Contender contender = in.contender(key);
            try {
                Standing standing = join(operation, in, contender, value, deadline, patience);
                if (standing.queued()) {
                    standing = compete(operation, in, contender, standing, deadline);
                    patience = Deadline.after(calls.timeout()); // for another place in the queue
                }
                if (standing.first()) {
                    Optional<SessionLease> lease = grant(key, in, contender, standing);
                    if (lease.isPresent()) {
                        return lease;
                    }
                }
                boolean left = leave(operation, in, contender);
                if (standing.ahead().isPresent()) {
                    return Optional.empty();
                }
                if (!left && deadline.passed()) {
                    throw new BackendException.Unavailable(operation, "the session ended meanwhile", null);
                }
            } catch (InterruptedException | BackendException e) {
                CompletableFuture<Void> left = contender.leave();
                if (Thread.interrupted() || e instanceof InterruptedException) {
                    Calls.settle(left, TIDY);
                    throw new InterruptedException();
                }
                throw (BackendException) e;
            }
        }
    }

    /**
     * Queues until the contender is first, or the deadline has passed, or it is no longer queued, which happens when
     * its session has ended or somebody deleted its entry.
     */
    private Standing compete(Operation operation, Session in, Contender contender, Standing joined, Deadline deadline)
            throws InterruptedException {
        Standing standing = joined;
        while (standing.queued() && !standing.first() && !deadline.passed()) {
            standing = await(operation, in, contender, standing, deadline);
        }
        return standing;
    }

    /**
     * Takes a place in the queue; none when another is to be tried for, because the session had ended or what became of
     * this one is known by now.
     *
     * @param patience when the caller must hear of a store that is out of reach
     */
    private Standing join(
            Operation operation, Session in, Contender contender, String value, Deadline deadline, Deadline patience)
            throws InterruptedException {
        try {
            return calls.write(operation, () -> contender.join(value, deadline.passed()));
        } catch (BackendException.Unavailable e) {
            if (deadline.passed() || patience.passed() || !isOver(in)) {
                throw e;
            }
            return Standing.GONE;
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
    private Standing await(Operation operation, Session in, Contender contender, Standing before, Deadline deadline)
            throws InterruptedException {
        CompletableFuture<Void> over = new CompletableFuture<>();
        try (Watch watch = contender.watch(before.ahead().orElseThrow())) {
            // One for all pauses: each leaves a trace on the session that stays for as long as it is not completed.
            CompletableFuture<Object> any = CompletableFuture.anyOf(watch.stirred(), in.ended(), over);
            Standing now = before;
            while (now.ahead().equals(before.ahead()) && !deadline.passed()) {
                pause(any, deadline);
                if (isOver(
                        in)) { // its entries cannot win any more, and a store out of reach would take a whole call to
                    // say so
                    return Standing.GONE;
                }
                boolean stirred = watch.stirred().isDone();
                Optional<Standing> told = stirred ? watch.standing() : Optional.empty();
                now = told.isPresent() ? told.get() : look(operation, in, contender, before);
                if (stirred) {
                    return now;
                }
            }
            return now;
        } finally {
            over.complete(null); // which wipes the trace
        }
    }

    private Standing look(Operation operation, Session in, Contender contender, Standing before) {
        try {
            return calls.read(operation, () -> contender.look(before));
        } catch (BackendException.Unavailable e) {
            if (isOver(in)) {
                return Standing.GONE;
            }
            throw e;
        }
    }

    /** Waits for the watch, but only until something else calls for a look. */
    private void pause(CompletableFuture<?> any, Deadline deadline) throws InterruptedException {
        try {
            any.get(deadline.remaining(reassurance).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return; // the next look tells
        }
    }

    private Optional<SessionLease> grant(Key key, Session in, Contender contender, Standing standing) {
        Operation operation = place.on("release", key);
        Optional<SessionLease> lease = in.leases().grant(key, standing.token(), () -> {
            CompletableFuture<Void> left = contender.leave(); // also when the thread is interrupted
            calls.confirm(operation, left);
        });
        lease.ifPresent(contender::won);
        return lease;
    }

    /** Removes the entry; false when that is left to the end of its session. */
    private boolean leave(Operation operation, Session in, Contender contender) {
        if (isOver(in)) { // a store that was silent for one call is not to be waited for in a second one
            CompletableFuture<Void> unused = contender.leave();
            return false;
        }
        try {
            calls.write(operation, contender::leave);
            return true;
        } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
            if (isOver(in)) {
                return false;
            }
            throw e;
        }
    }

    /** Whether it is its session that keeps a contender from the store, and not the thread's interruption. */
    private static boolean isOver(Session in) {
        return in.ended().isDone() && !Thread.currentThread().isInterrupted();
    }

    /** The session to queue in: the one there is, or a new one when that has ended. */
    private Session session(Operation operation, Deadline patience) throws InterruptedException {
        try {
            return calls.read(operation, () -> current().copy(), patience);
        } catch (BackendException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw e;
        }
    }

    private CompletableFuture<Session> current() {
        CompletableFuture<Session> known = session.get();
        if (known != null && (known == closed || !hasEnded(known))) {
            return known;
        }
        CompletableFuture<Session> opened = new CompletableFuture<>();
        CompletableFuture<Session> found = session.compareAndExchange(known, opened);
        if (found != null && found != known) {
            return found; // somebody else was first
        }
        open(opened);
        return opened;
    }

    private static boolean hasEnded(CompletableFuture<Session> session) {
        return session.isCompletedExceptionally()
                || (session.isDone() && session.join().ended().isDone());
    }

    /** @param opened completed with the session; whoever completes it otherwise gives the attempt up */
    private void open(CompletableFuture<Session> opened) {
        CompletableFuture<? extends Session> attempt;
        try {
            attempt = queues.open();
        } catch (RuntimeException e) { // or everybody would wait for this attempt
            opened.completeExceptionally(e);
            return;
        }
        CompletionStage<? extends Session> made = attempt;
        made.whenComplete((open, failure) -> {
            if (failure != null) {
                opened.completeExceptionally(failure);
            } else if (!opened.complete(open)) {
                end(open);
            }
        });
        CompletionStage<Session> wanted = opened;
        wanted.whenComplete((open, failure) -> {
            if (failure != null) {
                attempt.cancel(false);
            }
        });
    }

    private static void end(Session open) {
        open.leases().end(new Loss(Loss.Reason.CLOSED, "the backend was closed"));
    }

    @Override
    public Optional<Holder> holder(Key key) {
        return calls.read(place.on("holder", key), () -> queues.holder(key));
    }

    @Override
    public Optional<HALock.Watch> watch(Key key, Runnable listener) {
        return Optional.of(watches.add(place.on("watch", key), listener, changed -> queues.watch(key, changed)));
    }

    /** Ends the session and everything in it, for rivals not to wait for its expiry; bounded by the calls' timeout. */
    @Override
    public void close() {
        watches.close();
        CompletableFuture<Session> known = session.getAndSet(closed);
        if (known != null) {
            CompletableFuture<Void> freed = known.thenCompose(open -> {
                end(open);
                return open.freed();
            });
            Calls.settle(freed, calls.timeout().multipliedBy(3).dividedBy(4));
            known.cancel(false);
        }
    }
}
