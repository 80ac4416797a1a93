package dev.holdfast.backend.s3;

import dev.holdfast.backend.s3.S3LockObject.Seen;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Calls;
import dev.holdfast.spi.driver.Checks;
import dev.holdfast.spi.driver.Deadline;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockHandle;
import dev.holdfast.spi.driver.SessionLease;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The locks: for each an object that its holder rewrites, by conditional writes only, and that a contender may replace
 * when it says that it is free, or has not changed for its TTL. It is never deleted, so that its token keeps rising.
 */
final class S3Locks implements LockHandle.Recipe, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(S3Locks.class);

    /** How long an interrupted acquire stays to see its write withdrawn; beyond that it is done behind its back. */
    private static final Duration TIDY = Duration.ofMillis(300);

    /** How many calls' time a store that answers is given to be tried out in when an instance is opened. */
    private static final int PATIENCE = 5;

    private final S3Options options;
    private final Operation place;
    private final S3Keys keys;
    private final S3Client client;
    private final S3Objects objects;
    private final Calls calls;
    private final LeaseThreads threads;
    private final S3Sightings sightings = new S3Sightings();
    private final S3Turns turns = new S3Turns();
    private final S3Recent<Freed> freed = new S3Recent<>();
    private final Set<S3Session> sessions = ConcurrentHashMap.newKeySet();
    private final Set<CompletableFuture<Void>> pending = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final boolean enabled;
    private final String why;
    private final AtomicReference<@Nullable CompletableFuture<S3Quirks>> tried = new AtomicReference<>();

    /** What this instance wrote when it freed a lock, and when. */
    private record Freed(Seen seen, long nanos) {}

    /** Tries the store out, unless locks are turned off. */
    S3Locks(
            S3Options options,
            Operation place,
            S3Keys keys,
            S3Client client,
            S3Objects objects,
            Calls calls,
            LeaseThreads threads) {
        this.options = options;
        this.place = place;
        this.keys = keys;
        this.client = client;
        this.objects = objects;
        this.calls = calls;
        this.threads = threads;
        Optional<String> problem = options.haEnabled() ? probe() : Optional.of("ha_enabled is false");
        enabled = problem.isEmpty();
        why = problem.orElse("");
    }

    /**
     * What the store was found to get wrong. One that answers is waited for, however slow; one that does not is tried out by
     * the first who wants a lock.
     */
    private Optional<String> probe() {
        for (int i = 0; i < PATIENCE; i++) {
            try {
                return quirks(place.on("probe", "")).problem();
            } catch (BackendException e) {
                CompletableFuture<S3Quirks> trial = tried.get();
                if (trial == null || trial.isDone()) {
                    break;
                }
            }
        }
        return Optional.empty();
    }

    private S3Quirks quirks(Operation operation) {
        CompletableFuture<S3Quirks> trial = trial();
        return trial.isDone() && !trial.isCompletedExceptionally()
                ? trial.join()
                : calls.read(operation, trial::copy); // who gives up cancels the copy
    }

    /** Dozens of requests may take longer than one call: then they go on, for the call after it. */
    private CompletableFuture<S3Quirks> trial() {
        CompletableFuture<S3Quirks> last = tried.get();
        if (last != null && !last.isCompletedExceptionally()) {
            return last;
        }
        CompletableFuture<S3Quirks> next = new CompletableFuture<>();
        CompletableFuture<S3Quirks> found = tried.compareAndExchange(last, next);
        if (found != null && found != last) {
            return found;
        }
        S3Call.whenDone(new S3Probe(objects, keys, options.probesInFull(), client::end).run(), (quirks, failure) -> {
            if (failure == null) {
                quirks.problem().ifPresent(problem -> log.warn("{} has no locks: {}", place, problem));
                next.complete(quirks);
            } else {
                next.completeExceptionally(failure);
            }
        });
        return next;
    }

    boolean enabled() {
        return enabled;
    }

    void requireEnabled(Operation operation) {
        if (!enabled) {
            throw Checks.undeclared(operation, Capability.LOCKS, why);
        }
    }

    private S3LockObject lock(Operation operation, Key key) {
        S3Quirks found = quirks(operation);
        if (found.problem().isPresent()) {
            throw Checks.undeclared(operation, Capability.LOCKS, found.problem().get());
        }
        return new S3LockObject(objects, found, operation, keys.lock(key), keys.epochs(key));
    }

    @Override
    @SuppressWarnings("CollectionUndefinedEquality") // identity is what is meant
    public Optional<SessionLease> acquire(Key key, String value, Deadline deadline) throws InterruptedException {
        Operation operation = place.on("acquire", key);
        CompletableFuture<Void> done = new CompletableFuture<>();
        pending.add(done);
        S3Turns.Turn turn = turns.join(key);
        @Nullable Throwable outage = null;
        try {
            Optional<Throwable> other = turn.await(deadline);
            if (other.isPresent()) {
                outage = other.get(); // the first one's, for all that come after it
                throw new BackendException.Unavailable(
                        operation, "the store did not answer the contender before this one", outage);
            }
            while (true) {
                Optional<S3Contender.Won> won = compete(operation, key, value, deadline);
                if (won.isEmpty()) {
                    return Optional.empty();
                }
                Optional<SessionLease> lease = grant(operation, key, won.get());
                if (lease.isPresent()) {
                    return lease;
                }
            }
        } catch (BackendException.Unavailable e) {
            outage = outage == null ? e : outage;
            throw e;
        } finally {
            turn.end(outage);
            done.complete(null);
            pending.remove(done);
        }
    }

    private Optional<S3Contender.Won> compete(Operation operation, Key key, String value, Deadline deadline)
            throws InterruptedException {
        @Nullable S3LockObject lock = null;
        @Nullable S3Contender contender = null;
        try {
            lock = lock(operation, key);
            contender = new S3Contender(options, client, calls, operation, lock, sightings, closed, key, value);
            Freed last = freed.remove(key);
            giveWay(last, deadline);
            return contender.compete(last == null ? null : last.seen(), deadline);
        } catch (InterruptedException | BackendException e) {
            CompletableFuture<Void> left = lock == null || contender == null
                    ? CompletableFuture.completedFuture(null)
                    : leave(key, lock, contender);
            if (Thread.interrupted() || e instanceof InterruptedException) {
                Calls.settle(left, TIDY);
                throw new InterruptedException();
            }
            throw (BackendException) e;
        }
    }

    /**
     * Lets others look once before an instance takes a lock again that it has just freed: otherwise it would win each
     * time, because it alone knows when the lock is free.
     */
    private void giveWay(@Nullable Freed last, Deadline deadline) throws InterruptedException {
        if (last != null) {
            long left = last.nanos() + options.lockPoll().toNanos() - System.nanoTime();
            Duration turn = deadline.remaining(Duration.ofNanos(Math.max(0, left)));
            try {
                closed.get(turn.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException | ExecutionException e) {
                return;
            }
        }
    }

    @SuppressWarnings("CollectionUndefinedEquality") // identity is what is meant
    private CompletableFuture<Void> leave(Key key, S3LockObject lock, S3Contender contender) {
        return contender
                .unsure()
                .map(base -> {
                    CompletableFuture<Void> left = new S3Withdrawal(
                                    lock,
                                    client,
                                    threads,
                                    base,
                                    contender.tombstone(base),
                                    options.lockTtl(),
                                    seen -> freed.put(key, new Freed(seen, System.nanoTime())))
                            .start();
                    pending.add(left);
                    S3Call.whenDone(left, (done, failure) -> pending.remove(left));
                    return left;
                })
                .orElseGet(() -> CompletableFuture.completedFuture(null));
    }

    private Optional<SessionLease> grant(Operation operation, Key key, S3Contender.Won won) {
        S3Session session = new S3Session(
                lock(operation, key),
                client,
                threads,
                options.lockPoll(),
                won.seen(),
                won.sentNanos(),
                seen -> freed.put(key, new Freed(seen, System.nanoTime())));
        sessions.add(session);
        S3Call.whenDone(session.withdrawn(), (done, failure) -> sessions.remove(session));
        Operation release = place.on("release", key);
        Optional<SessionLease> lease = session.leases()
                .grant(key, won.seen().record().epoch(), () -> {
                    CompletableFuture<Void> left = session.withdraw(); // also when the thread is interrupted
                    calls.confirm(release, left);
                });
        session.begin();
        if (closed.isDone()) {
            session.leases().end(new Loss(Loss.Reason.CLOSED, "the backend was closed"));
        }
        return lease;
    }

    @Override
    public Optional<Holder> holder(Key key) {
        return state(key).holder();
    }

    /**
     * Who holds the lock, and how often it was won.
     *
     * @param epoch the last token, whether its lease still stands or not
     */
    record State(Optional<Holder> holder, long epoch) {}

    @Override
    public State state(Key key) {
        Operation operation = place.on("holder", key);
        S3LockObject lock = lock(operation, key);
        Seen seen = calls.read(operation, () -> lock.look(sightings.last(key), client.end()));
        long epoch = seen.record().epoch();
        boolean current = sightings.remaining(key, seen) > 0 && epoch > 0;
        return new State(current ? Optional.of(new Holder(seen.record().value(), epoch)) : Optional.empty(), epoch);
    }

    /** Frees every lock, for rivals not to wait for its expiry. */
    @Override
    public void close() {
        closed.complete(null);
        Duration bound = client.timeout().multipliedBy(3).dividedBy(4);
        Deadline deadline = Deadline.after(bound);
        sessions.forEach(session -> session.leases().end(new Loss(Loss.Reason.CLOSED, "the backend was closed")));
        while (!(pending.isEmpty() && sessions.isEmpty()) && !deadline.passed()) {
            CompletableFuture<?>[] all = Stream.concat(
                            pending.stream(), sessions.stream().map(S3Session::withdrawn))
                    .toArray(CompletableFuture<?>[]::new);
            Calls.settle(CompletableFuture.allOf(all), deadline.remaining(bound));
        }
    }
}
