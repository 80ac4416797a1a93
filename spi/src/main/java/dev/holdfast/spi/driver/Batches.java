package dev.holdfast.spi.driver;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets writes that come while others are under way share the next request. One that finds the way free is sent at once
 * and alone, so who writes alone waits for nobody.
 *
 * <p>Each writer gets an outcome of its own. When a request of several is refused in a way that one of them alone may be
 * to blame for, each is sent again by itself; when nothing is known of a request, then nothing is known of any of them.
 * Two writes with the same subject are never under way together, and go in the order in which they came.
 *
 * @param <W> a write
 */
public final class Batches<W> {
    /** What a driver does with writes. Nothing here blocks. */
    public interface Sender<W> {
        /** What no two writes under way may share, such as the key. */
        Object subject(W write);

        /** The room that is left in a request beside its first write. */
        Room<W> room(W first);

        /** Whether a write gains nothing from others: it is then sent at once and alone, whatever is under way. */
        default boolean goesAlone(W write) {
            return false;
        }

        /**
         * Sends these writes, all of which are applied or none. Those whose time is over are not left out: that is for
         * the driver to do in {@link #expired}.
         *
         * @return who cancels it is no longer interested in the outcome
         */
        CompletableFuture<?> send(List<W> writes);

        /** Why a write must not be sent any more, because it has waited for too long; null when it still may. */
        @Nullable
        Throwable expired(W write);

        /** Whether it is certain that nothing was applied, and one of several writes alone may be to blame for it. */
        boolean isOnesOwn(Throwable failure);
    }

    /**
     * What still fits into one request. Asked with all writers waiting, so it adds up what it has let in rather than
     * looking at it again.
     *
     * @param <W> a write
     */
    public interface Room<W> {
        /** Lets a write in, which then shares the request with all that came before it; or leaves it out. */
        boolean admits(W write);
    }

    /** How many of those that wait are looked at for a request that has one already. */
    private static final int LOOK_AHEAD = 64;

    private final Sender<W> sender;
    private final int mostUnderWay;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Pending<W>> waiting = new LinkedHashSet<>();
    private final Set<Object> busy = new HashSet<>();
    private int underWay;

    private record Pending<W>(W write, CompletableFuture<Void> outcome) {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** @param mostUnderWay how many requests may be under way before a write waits for one of them */
    public Batches(int mostUnderWay, Sender<W> sender) {
        this.mostUnderWay = mostUnderWay;
        this.sender = sender;
    }

    /**
     * Sends a write, alone or with others.
     *
     * @return who cancels it is no longer interested: a write that still waits is then not sent
     */
    public CompletableFuture<Void> add(W write) {
        Pending<W> pending = new Pending<>(write, new CompletableFuture<>());
        CompletionStage<Void> outcome = pending.outcome();
        outcome.whenComplete((done, failure) -> {
            if (failure instanceof CancellationException) { // only one that was given up may still be waiting
                forget(pending);
            }
        });
        if (takesNoTurn(pending)) {
            send(List.of(pending), false);
        } else {
            sendNext();
        }
        return pending.outcome();
    }

    /** Has a write wait for its turn, unless it goes alone and no other one with its subject is before it. */
    private boolean takesNoTurn(Pending<W> pending) {
        Object subject = sender.subject(pending.write());
        boolean alone = sender.goesAlone(pending.write());
        lock.lock();
        try {
            boolean next = alone
                    && waiting.stream()
                            .noneMatch(other -> sender.subject(other.write()).equals(subject))
                    && busy.add(subject);
            return next || !waiting.add(pending);
        } finally {
            lock.unlock();
        }
    }

    private void forget(Pending<W> pending) {
        lock.lock();
        try {
            waiting.remove(pending);
        } finally {
            lock.unlock();
        }
    }

    /** Sends as much as may be under way. */
    private void sendNext() {
        for (List<Pending<W>> next = next(); !next.isEmpty(); next = next()) {
            send(next, true);
        }
    }

    /** The writes of the next request, taken from those that wait; empty when there is none to be sent now. */
    private List<Pending<W>> next() {
        List<Pending<W>> late = new ArrayList<>();
        List<Pending<W>> batch = new ArrayList<>();
        lock.lock();
        try {
            if (underWay < mostUnderWay) {
                take(batch, late);
            }
            if (!batch.isEmpty()) {
                underWay++;
            }
        } finally {
            lock.unlock();
        }
        late.forEach(pending -> pending.outcome().completeExceptionally(sender.expired(pending.write())));
        return batch;
    }

    private void take(List<Pending<W>> batch, List<Pending<W>> late) {
        Room<W> room = null;
        Set<Object> passed = new HashSet<>();
        int ahead = 0;
        for (Iterator<Pending<W>> all = waiting.iterator(); all.hasNext() && ahead < LOOK_AHEAD; ) {
            Pending<W> pending = all.next();
            ahead += room == null ? 0 : 1;
            Object subject = sender.subject(pending.write());
            if (sender.expired(pending.write()) != null) {
                late.add(pending);
                all.remove();
            } else if (busy.contains(subject)
                    || passed.contains(subject)
                    || !(room == null || room.admits(pending.write()))) {
                passed.add(subject);
            } else {
                room = room == null ? sender.room(pending.write()) : room;
                busy.add(subject);
                batch.add(pending);
                all.remove();
            }
        }
    }

    /** @param counts whether it is one of those under way that others wait for */
    private void send(List<Pending<W>> batch, boolean counts) {
        AtomicInteger interested = new AtomicInteger(batch.size());
        CompletableFuture<?> sent = sent(batch);
        boolean atOnce = sent.isDone(); // then whoever sends goes on by itself
        for (Pending<W> pending : batch) {
            CompletionStage<Void> outcome = pending.outcome();
            outcome.whenComplete((done, failure) -> {
                if (interested.decrementAndGet() == 0) {
                    sent.cancel(false);
                }
            });
        }
        CompletionStage<?> answer = sent;
        answer.whenComplete((done, failure) -> {
            if (failure != null && batch.size() > 1 && sender.isOnesOwn(failure)) {
                alone(batch);
            } else {
                settle(batch, failure, counts, !atOnce || !counts);
            }
        });
    }

    private CompletableFuture<?> sent(List<Pending<W>> batch) {
        try {
            return sender.send(batch.stream().map(Pending::write).toList());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Each by itself and all at once: they are no more than one request let in. */
    private void alone(List<Pending<W>> batch) {
        AtomicInteger left = new AtomicInteger(batch.size());
        for (Pending<W> pending : batch) {
            CompletionStage<?> answer =
                    pending.outcome().isDone() ? CompletableFuture.completedFuture(null) : sent(List.of(pending));
            answer.whenComplete((done, failure) -> {
                boolean last = left.decrementAndGet() == 0;
                free(List.of(pending), last);
                tell(pending, failure);
                if (last) {
                    sendNext();
                }
            });
        }
    }

    private void settle(List<Pending<W>> batch, @Nullable Throwable failure, boolean counts, boolean goOn) {
        free(batch, counts);
        if (goOn) {
            sendNext(); // before the writers are told, who may have more to write
        }
        batch.forEach(pending -> tell(pending, failure));
    }

    private void free(List<Pending<W>> batch, boolean whole) {
        lock.lock();
        try {
            batch.forEach(pending -> busy.remove(sender.subject(pending.write())));
            if (whole) {
                underWay--;
            }
        } finally {
            lock.unlock();
        }
    }

    private static void tell(Pending<?> pending, @Nullable Throwable failure) {
        if (failure == null) {
            pending.outcome().complete(null);
        } else {
            pending.outcome().completeExceptionally(failure);
        }
    }
}
