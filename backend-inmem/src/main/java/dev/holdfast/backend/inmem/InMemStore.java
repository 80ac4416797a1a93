package dev.holdfast.backend.inmem;

import dev.holdfast.backend.inmem.InMemErrors.ConnectionReset;
import dev.holdfast.backend.inmem.InMemLockTable.Name;
import dev.holdfast.backend.inmem.InMemLockTable.Push;
import dev.holdfast.spi.Key;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A store: the server that in-memory backends are clients of. It lives in this JVM under its name until it is
 * {@linkplain InMemStores#drop dropped}, whether backends are open or not; that is how durable it is.
 *
 * <p>The public methods are for tests, which do to it what happens to real stores. {@code path} is the option of that
 * name of the backend whose lock is meant.
 */
public final class InMemStore {
    private final Map<String, InMemNamespace> namespaces = new ConcurrentHashMap<>();
    private final InMemLockTable locks = new InMemLockTable();
    private final ReentrantLock gate = new ReentrantLock();
    /** Requests that wait for the store to resume, in order; null while it runs. */
    private volatile @Nullable Queue<Waiting<?>> backlog;

    InMemStore() {}

    private record Waiting<T>(Function<InMemStore, T> request, CompletableFuture<T> answer) {
        void run(InMemStore store) {
            try {
                answer.complete(request.apply(store));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }
    }

    /** Stops answering, as a frozen process does. Requests queue up; no session expires before it resumes. */
    public void pause() {
        gate.lock();
        try {
            if (backlog == null) {
                backlog = new ArrayDeque<>();
            }
        } finally {
            gate.unlock();
        }
    }

    /** Goes on: sessions that are overdue by now end first, then what has queued up is done in order. */
    public void resume() {
        while (true) {
            Waiting<?> next;
            gate.lock();
            try {
                Queue<Waiting<?>> waiting = backlog;
                next = waiting == null ? null : waiting.poll();
                if (next == null) {
                    backlog = null;
                    return;
                }
            } finally {
                gate.unlock();
            }
            next.run(this);
        }
    }

    /**
     * Restarts, as a durable store does: requests that were not answered yet are lost and their connections reset;
     * entries, fences, locks and tokens are all there again; every session has its whole TTL to report back. Also ends a
     * {@link #pause()}.
     */
    public void restart() {
        Queue<Waiting<?>> lost;
        gate.lock();
        try {
            lost = backlog;
            locks.refresh();
            backlog = null;
        } finally {
            gate.unlock();
        }
        if (lost != null) {
            lost.forEach(waiting -> waiting.answer.completeExceptionally(new ConnectionReset(true)));
        }
    }

    /** Ends the session of the lock's holder, if there is one, as an administrator who revokes it. */
    public void expireHolder(String path, Key lock) {
        locks.expireHolder(name(path, lock));
    }

    /** Deletes the lock, if there is one, behind the back of its holder, and the queue with it. */
    public void deleteLock(String path, Key lock) {
        locks.delete(name(path, lock));
    }

    /** How many contenders wait behind the lock's holder. */
    public int waiting(String path, Key lock) {
        return locks.waiting(name(path, lock));
    }

    /** How many requests wait for the store to resume. */
    public int queued() {
        gate.lock();
        try {
            Queue<Waiting<?>> waiting = backlog;
            return waiting == null ? 0 : waiting.size();
        } finally {
            gate.unlock();
        }
    }

    /** How many sessions there are. */
    public int sessions() {
        return locks.sessions();
    }

    /** Runs a client's request: at once in the caller's thread, or after the store has resumed. */
    <T> CompletableFuture<T> submit(Function<InMemStore, T> request) {
        Waiting<T> next = new Waiting<>(request, new CompletableFuture<>());
        if (backlog == null || !queued(next)) {
            next.run(this);
        }
        return next.answer;
    }

    private boolean queued(Waiting<?> next) {
        gate.lock();
        try {
            Queue<Waiting<?>> waiting = backlog;
            return waiting != null && waiting.add(next);
        } finally {
            gate.unlock();
        }
    }

    InMemNamespace namespace(String namespace) {
        return namespaces.computeIfAbsent(namespace, name -> new InMemNamespace());
    }

    InMemLockTable locks() {
        return locks;
    }

    /** Opens a session, and sees to it that its end comes on time. */
    long openSession(Duration ttl, Consumer<Push> client) {
        long id = locks.open(ttl, client);
        watch(id, ttl.toNanos());
        return id;
    }

    /** Asks again and again how long the session has left, which ends it when that is nothing. */
    private void watch(long session, long nanos) {
        InMemTimer.after(nanos, () -> {
            CompletionStage<Optional<Long>> remaining = submit(store -> store.locks.remaining(session));
            remaining.whenComplete((left, reset) -> {
                if (reset != null) {
                    watch(session, 0);
                } else {
                    left.ifPresent(more -> watch(session, more));
                }
            });
        });
    }

    private static Name name(String path, Key lock) {
        return new Name(InMemOptions.namespace(path), lock);
    }
}
