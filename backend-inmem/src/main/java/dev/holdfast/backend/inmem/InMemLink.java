package dev.holdfast.backend.inmem;

import dev.holdfast.backend.inmem.InMemErrors.ConnectionReset;
import java.time.Duration;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The network between a backend and its store. Undisturbed it costs nothing: the store works in the caller's thread.
 * The public methods disturb it, for tests; disturbances add up until {@link #heal()}.
 *
 * <p>Like a connection it keeps requests in order, also delayed ones. Unlike one it loses what it loses for good:
 * healing a black hole brings nothing back.
 */
public final class InMemLink {
    /** What was sent on another {@code connection} than today's never arrives. */
    private record State(Object connection, boolean cut, boolean requestsLost, boolean repliesLost, Delay delay) {
        boolean undisturbed() {
            return !cut && !requestsLost && !repliesLost && delay.share == 0;
        }
    }

    /** A share of the requests takes between these times to reach the store. */
    private record Delay(double share, Duration least, Duration most, Random random) {
        static final Delay NONE = new Delay(0, Duration.ZERO, Duration.ZERO, new Random(0));

        long next() {
            return random.nextDouble() < share
                    ? least.toNanos()
                            + (long) (random.nextDouble() * most.minus(least).toNanos())
                    : 0;
        }
    }

    private final ReentrantLock road = new ReentrantLock();
    private volatile State state = new State(new Object(), false, false, false, Delay.NONE);
    private final AtomicBoolean dropsNextReply = new AtomicBoolean();
    private final Set<CompletableFuture<?>> unanswered = ConcurrentHashMap.newKeySet();
    private final LongAdder requests = new LongAdder();
    private final LongAdder renewals = new LongAdder();

    /** Requests on their way, because they were delayed or sent behind one that was; the first to arrive first. */
    private final Queue<Runnable> inOrder = new ConcurrentLinkedQueue<>();

    private final AtomicInteger travelling = new AtomicInteger();
    private long lastArrival = System.nanoTime();

    InMemLink() {}

    /**
     * Resets the connection and refuses new ones. What is on its way to the store never arrives; a request that was sent
     * fails as one whose outcome is unknown, a later one as one that was never sent.
     */
    public void cut() {
        change(old -> new State(new Object(), true, old.requestsLost, old.repliesLost, old.delay));
        unanswered.forEach(answer -> answer.completeExceptionally(new ConnectionReset(true)));
    }

    /** Loses everything, both ways, silently. */
    public void blackHole() {
        change(old -> new State(old.connection, old.cut, true, true, old.delay));
    }

    /** Loses what goes to the store, silently. */
    public void loseRequests() {
        change(old -> new State(old.connection, old.cut, true, old.repliesLost, old.delay));
    }

    /** Loses what comes from the store, silently: the store does as it is asked, and nobody hears of it. */
    public void loseReplies() {
        change(old -> new State(old.connection, old.cut, old.requestsLost, true, old.delay));
    }

    /** Makes each request from now on take this long to reach the store; zero to make it fast again. */
    public void delay(Duration delay) {
        delay(new Delay(delay.isZero() ? 0 : 1, delay, delay, new Random(0)));
    }

    /** Makes some requests from now on take longer: each with this probability, by up to {@code most}. */
    public void delaySome(double share, Duration most, long seed) {
        delay(new Delay(share, Duration.ZERO, most, new Random(seed)));
    }

    private void delay(Delay next) {
        change(old -> new State(old.connection, old.cut, old.requestsLost, old.repliesLost, next));
    }

    /** Loses the next answer of the store to a request that is not a {@linkplain #renewals() renewal}. */
    public void dropNextReply() {
        dropsNextReply.set(true);
    }

    /** Puts everything in order. What is lost stays lost; what was delayed still arrives in its time. */
    public void heal() {
        dropsNextReply.set(false);
        change(old -> new State(old.connection, false, false, false, Delay.NONE));
    }

    /** How many requests were sent so far, the renewals of sessions not counted. */
    public long requests() {
        return requests.sum();
    }

    /** How many renewals of sessions were sent so far. */
    public long renewals() {
        return renewals.sum();
    }

    /** How many requests are on their way to the store, because they are slow or behind slow ones. */
    public int travelling() {
        return travelling.get();
    }

    /** Sends a request and completes the result with the answer, if one comes. */
    <T> CompletableFuture<T> send(InMemStore store, Function<InMemStore, T> request) {
        requests.increment();
        return carry(store, request, true);
    }

    /** As {@link #send}, for a request whose answer says no more than that it was done. */
    CompletableFuture<Void> tell(InMemStore store, Consumer<InMemStore> request) {
        return send(store, server -> {
            request.accept(server);
            return null;
        });
    }

    /** As {@link #send}, for the renewal of a session. */
    <T> CompletableFuture<T> renew(InMemStore store, Function<InMemStore, T> request) {
        renewals.increment();
        return carry(store, request, false);
    }

    /** Delivers what the store says without being asked, unless it is lost. */
    void push(Runnable news) {
        State now = state;
        if (!now.cut && !now.repliesLost) {
            news.run();
        }
    }

    @SuppressWarnings("CollectionUndefinedEquality") // identity is what is meant
    private <T> CompletableFuture<T> carry(InMemStore store, Function<InMemStore, T> request, boolean droppable) {
        boolean direct = state.undisturbed() && travelling.get() == 0 && !dropsNextReply.get();
        CompletableFuture<T> reply = direct ? store.submit(request) : null;
        if (reply != null && reply.isDone()) {
            return reply;
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        unanswered.add(answer); // before looking at the state: either cut() sees it or it sees the cut
        CompletionStage<T> end = answer;
        end.whenComplete((value, failure) -> unanswered.remove(answer));
        if (state.cut) {
            answer.completeExceptionally(new ConnectionReset(reply != null));
        } else if (reply != null) {
            deliver(reply, answer, droppable);
        } else {
            travel(() -> deliver(store.submit(request), answer, droppable));
        }
        return answer;
    }

    private <T> void deliver(CompletableFuture<T> reply, CompletableFuture<T> answer, boolean droppable) {
        CompletionStage<T> sent = reply;
        sent.whenComplete((value, failure) -> {
            if (state.repliesLost || (droppable && dropsNextReply.getAndSet(false))) {
                return;
            }
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
    }

    /** Runs {@code arrival} after the delay, and never before that of a request which set out earlier. */
    private void travel(Runnable arrival) {
        long wait;
        boolean alone;
        road.lock();
        try {
            State departure = state;
            long now = System.nanoTime();
            long earliest = now + departure.delay.next();
            if (earliest - lastArrival > 0) {
                lastArrival = earliest;
            }
            wait = lastArrival - now;
            alone = travelling.getAndIncrement() == 0;
            inOrder.add(() -> {
                try {
                    if (state.connection == departure.connection && !state.requestsLost) {
                        arrival.run();
                    }
                } finally {
                    travelling.decrementAndGet(); // only now may others take the direct way
                }
            });
        } finally {
            road.unlock();
        }
        if (alone && wait <= 0) {
            inOrder.remove().run();
        } else {
            InMemTimer.after(wait, () -> inOrder.remove().run());
        }
    }

    private void change(UnaryOperator<State> change) {
        road.lock();
        try {
            state = change.apply(state);
        } finally {
            road.unlock();
        }
    }
}
