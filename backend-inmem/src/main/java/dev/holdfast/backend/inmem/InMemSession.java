package dev.holdfast.backend.inmem;

import dev.holdfast.backend.inmem.InMemLockTable.Name;
import dev.holdfast.backend.inmem.InMemLockTable.Place;
import dev.holdfast.backend.inmem.InMemLockTable.Standing;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.LeaseSession;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.SessionLease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The client's half of a session: renews it, and keeps the tickets with which this instance stands in queues.
 *
 * <p>The store tells of changes as they happen; because such news can get lost, each renewal also asks where every ticket
 * stands. So a lost message costs a renewal period and never a lock.
 */
final class InMemSession {
    private final long id;
    private final InMemStore store;
    private final InMemLink link;
    private final LeaseThreads threads;
    private final Duration ttl;
    private final Map<Long, Ticket> tickets = new ConcurrentHashMap<>();
    private final AtomicLong lastTicket = new AtomicLong();
    private final CompletableFuture<Void> endedAtStore = new CompletableFuture<>();
    private final LeaseSession lease;

    /** @param sentNanos when the request that opened the session in the store was sent */
    InMemSession(
            long id, long sentNanos, InMemOptions options, InMemStore store, InMemLink link, LeaseThreads threads) {
        this.id = id;
        this.store = store;
        this.link = link;
        this.threads = threads;
        this.ttl = options.lockTtl();
        this.lease = new LeaseSession(threads, ttl, sentNanos, loss -> endAtStoreAfterTelling());
        later(lease.renewalPeriod(), this::renew);
    }

    /** A place in a queue, as far as this client knows. */
    static final class Ticket {
        private final long number;

        /** {@code HOLDS} when the lock is won, other standings when the place is lost. */
        private final CompletableFuture<Standing> outcome = new CompletableFuture<>();

        /** Only when the store knows the ticket does it make sense to ask where it stands. */
        private volatile boolean entered;

        private volatile @Nullable SessionLease lease;
        private volatile boolean gone;

        /** Completes when the holder was told of its loss: dependents run latest first, and this is the earliest. */
        private volatile CompletableFuture<?> told = CompletableFuture.completedFuture(null);

        private Ticket(long number) {
            this.number = number;
        }

        CompletableFuture<Standing> outcome() {
            return outcome;
        }

        /** The lease may be known before or after the news that it is gone. */
        private void loseIfGone() {
            SessionLease won = lease;
            if (gone && won != null) {
                won.lose(new Loss(Loss.Reason.REVOKED, "the lock was removed from the store"));
            }
        }
    }

    long id() {
        return id;
    }

    boolean isAlive() {
        return lease.isAlive();
    }

    Ticket newTicket() {
        Ticket ticket = new Ticket(lastTicket.incrementAndGet());
        tickets.put(ticket.number, ticket);
        if (!isAlive()) { // it may have ended too early to see this ticket
            ticket.outcome.complete(Standing.SESSION_OVER);
        }
        return ticket;
    }

    /** Enters the queue of a lock, or with {@code wait} false only an empty one. */
    CompletableFuture<Standing> enter(Ticket ticket, Name lock, String value, boolean wait) {
        return link.send(store, server -> server.locks().enter(id, ticket.number, lock, value, wait))
                .thenApply(standing -> {
                    ticket.entered = true;
                    changed(ticket.number, standing);
                    return standing;
                });
    }

    /** The lease that a ticket has won; empty when the session has ended meanwhile. */
    Optional<SessionLease> grant(Ticket ticket, Name lock, long token, Runnable release) {
        Optional<SessionLease> won = lease.grant(lock.key(), token, release);
        won.ifPresent(mine -> {
            ticket.told = mine.lost().toCompletableFuture();
            ticket.lease = mine;
            ticket.loseIfGone();
        });
        return won;
    }

    /**
     * Leaves the queue, or gives up the lock. Goes on telling the store until it has confirmed, or the session is over
     * and the ticket with it: nothing is ever stranded (rule HA-06).
     */
    CompletionStage<Void> leave(Ticket ticket) {
        tickets.remove(ticket.number);
        CompletableFuture<Void> left = new CompletableFuture<>();
        leave(ticket, left);
        return left.minimalCompletionStage(); // who gives up waiting for it must not stop it
    }

    private void leave(Ticket ticket, CompletableFuture<Void> left) {
        if (left.isDone()) {
            return;
        }
        if (!isAlive()) {
            endedAtStore().thenAccept(left::complete);
            return;
        }
        bounded(link.tell(store, server -> server.locks().leave(id, ticket.number)))
                .thenAccept(left::complete);
        if (!left.isDone()) {
            later(lease.renewalPeriod(), () -> leave(ticket, left));
        }
    }

    /** What the store says about a ticket, or about the whole session. */
    void changed(long number, Standing standing) {
        Ticket ticket = tickets.get(number);
        if (standing.place() == Place.SESSION_OVER) {
            lease.end(new Loss(Loss.Reason.REVOKED, "the store has ended the session"));
        } else if (ticket != null && standing.place() != Place.WAITS) {
            ticket.outcome.complete(standing);
            if (standing.place() == Place.ABSENT) {
                tickets.remove(number);
                ticket.gone = true;
                ticket.loseIfGone();
            }
        }
    }

    /** Ends the session here and now, and in the store; the result completes when the store has answered. */
    CompletionStage<Void> end(Loss loss) {
        lease.end(loss);
        return endedAtStore();
    }

    private CompletionStage<Void> endedAtStore() {
        return endedAtStore.minimalCompletionStage();
    }

    private void renew() {
        if (!isAlive()) {
            return;
        }
        later(lease.renewalPeriod(), this::renew);
        long sent = System.nanoTime();
        Set<Long> known = tickets.values().stream()
                .filter(ticket -> ticket.entered)
                .map(ticket -> ticket.number)
                .collect(Collectors.toSet());
        bounded(link.renew(store, server -> server.locks().renew(id, known)))
                .thenAccept(answer -> answer.ifPresentOrElse(
                        standings -> {
                            lease.renewed(sent);
                            standings.forEach(this::changed);
                        },
                        () -> changed(0, Standing.SESSION_OVER)));
    }

    /**
     * No rival may win before those who held a lock here were told (rule LO-02). Who is slow to listen delays this until
     * the store expires the session, which nobody renews any more.
     */
    private void endAtStoreAfterTelling() {
        List<CompletableFuture<?>> told = new ArrayList<>();
        tickets.values().forEach(ticket -> {
            ticket.outcome.complete(Standing.SESSION_OVER);
            told.add(ticket.told);
        });
        CompletionStage<Void> allTold = CompletableFuture.allOf(told.toArray(CompletableFuture<?>[]::new));
        allTold.thenRun(this::endAtStore);
    }

    private void endAtStore() {
        bounded(link.tell(store, server -> server.locks().end(id))).whenComplete((done, failure) -> {
            if (failure == null) {
                endedAtStore.complete(null);
            } else {
                endedAtStore.completeExceptionally(failure);
            }
        });
    }

    /** Who asks again does not wait for ever for the first answer. */
    private <T> CompletionStage<T> bounded(CompletableFuture<T> answer) {
        if (!answer.isDone()) {
            later(ttl, () -> answer.cancel(false));
        }
        return answer;
    }

    private void later(Duration delay, Runnable task) {
        try {
            threads.after(delay.toNanos(), task);
        } catch (RejectedExecutionException e) {
            // The backend is closed: the session has ended, so nothing is due any more.
        }
    }
}
