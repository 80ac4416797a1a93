package dev.holdfast.backend.inmem;

import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The store's half of locking: sessions, and for each lock the queue of its contenders, the first of whom holds it.
 *
 * <p>Every step first ends the sessions that are overdue on the monotonic clock, so nobody is granted a lock in a dead
 * session and nothing depends on a timer being punctual. Clients are told of changes after the step; what they miss they
 * learn by renewing.
 */
final class InMemLockTable {
    /** Where a contender stands. */
    enum Place {
        /** First in the queue: it holds the lock. */
        HOLDS,
        /** Behind others in the queue. */
        WAITS,
        /** Not in the queue. */
        ABSENT,
        /** Nowhere: the session itself is gone. */
        SESSION_OVER
    }

    /** An answer about a contender; {@code token} is 0 unless it holds the lock. */
    record Standing(Place place, long token) {
        static final Standing ABSENT = new Standing(Place.ABSENT, 0);
        static final Standing SESSION_OVER = new Standing(Place.SESSION_OVER, 0);
    }

    /** News for a client that did not ask; {@code ticket} is 0 when it is about the whole session. */
    record Push(long session, long ticket, Standing standing) {}

    /** The name of a lock. */
    record Name(String namespace, Key key) {}

    private static final class Session {
        final long id;
        final long ttlNanos;
        final Consumer<Push> client;
        final Map<Long, Contender> contenders = new HashMap<>();
        long deadline;

        Session(long id, Duration ttl, Consumer<Push> client) {
            this.id = id;
            this.ttlNanos = ttl.toNanos();
            this.client = client;
            renew();
        }

        void renew() {
            deadline = System.nanoTime() + ttlNanos;
        }

        boolean overdue() {
            return deadline - System.nanoTime() <= 0;
        }
    }

    private static final class Contender {
        final Session session;
        final long ticket;
        final Name lock;
        final String value;
        long token;

        Contender(Session session, long ticket, Name lock, String value) {
            this.session = session;
            this.ticket = ticket;
            this.lock = lock;
            this.value = value;
        }

        Standing standing() {
            return new Standing(token == 0 ? Place.WAITS : Place.HOLDS, token);
        }
    }

    private final ReentrantLock mutex = new ReentrantLock();
    private final Map<Long, Session> sessions = new HashMap<>();
    private final Map<Name, Deque<Contender>> queues = new HashMap<>();
    private final Map<Name, Set<Runnable>> watchers = new HashMap<>();
    private long lastSession;
    /** One counter for all locks: it outlives each of them, so the tokens of a lock that is made anew go on rising. */
    private long lastToken;

    /** A new session that ends when it was not renewed for {@code ttl}; {@code client} must not block. */
    long open(Duration ttl, Consumer<Push> client) {
        return step(pushes -> {
            Session session = new Session(++lastSession, ttl, client);
            sessions.put(session.id, session);
            return session.id;
        });
    }

    /** Renews the session and says where these tickets of it stand; empty when the session is gone. */
    Optional<Map<Long, Standing>> renew(long id, Set<Long> tickets) {
        return step(pushes -> Optional.ofNullable(sessions.get(id)).map(session -> {
            session.renew();
            return tickets.stream().collect(Collectors.toMap(Function.identity(), ticket -> {
                Contender contender = session.contenders.get(ticket);
                return contender == null ? Standing.ABSENT : contender.standing();
            }));
        }));
    }

    /** Joins the queue of a lock under a ticket that is new in this session; with {@code wait} false only an empty one. */
    Standing enter(long id, long ticket, Name lock, String value, boolean wait) {
        return step(pushes -> {
            Session session = sessions.get(id);
            if (session == null) {
                return Standing.SESSION_OVER;
            }
            if (!wait && queues.containsKey(lock)) {
                return Standing.ABSENT;
            }
            Contender contender = new Contender(session, ticket, lock, value);
            session.contenders.put(ticket, contender);
            Deque<Contender> queue = queues.computeIfAbsent(lock, name -> new ArrayDeque<>());
            queue.addLast(contender);
            if (queue.size() == 1) {
                contender.token = ++lastToken;
                pushes.addAll(watchers.getOrDefault(lock, Set.of()));
            }
            return contender.standing();
        });
    }

    /** Takes a ticket out of its queue, whether it holds the lock or waits; nothing when it is not there. */
    void leave(long id, long ticket) {
        change(pushes -> {
            Session session = sessions.get(id);
            Contender contender = session == null ? null : session.contenders.get(ticket);
            if (contender != null) {
                remove(List.of(contender), pushes);
            }
        });
    }

    /** Ends a session and takes all its tickets out; nothing when it is gone. */
    void end(long id) {
        change(pushes -> {
            Session session = sessions.remove(id);
            if (session != null) {
                remove(List.copyOf(session.contenders.values()), pushes);
            }
        });
    }

    Optional<Holder> holder(Name lock) {
        return step(pushes ->
                queue(lock).stream().findFirst().map(contender -> new Holder(contender.value, contender.token)));
    }

    /**
     * Has a client told of each change of a lock's holder from now on; asking again changes nothing. The client must not
     * block.
     *
     * @return the token of the holder, 0 when the lock is free
     */
    long watch(Name lock, Runnable client) {
        return step(pushes -> {
            watchers.computeIfAbsent(lock, name -> new LinkedHashSet<>()).add(client);
            return queue(lock).stream().findFirst().map(first -> first.token).orElse(0L);
        });
    }

    /** Ends what {@link #watch} began. */
    void unwatch(Name lock, Runnable client) {
        change(pushes -> watchers.computeIfPresent(lock, (name, all) -> {
            all.remove(client);
            return all.isEmpty() ? null : all;
        }));
    }

    /** How many stand behind the holder; only looks, and ends no session. */
    int waiting(Name lock) {
        return exclusive(() -> Math.max(0, queue(lock).size() - 1));
    }

    /** How many sessions there are; only looks, and ends none. */
    int sessions() {
        return exclusive(sessions::size);
    }

    /** Removes a lock with its whole queue and tells everyone who stood in it. */
    void delete(Name lock) {
        change(pushes -> {
            List<Contender> all = queue(lock);
            remove(all, pushes);
            all.forEach(contender -> tell(contender, Standing.ABSENT, pushes));
        });
    }

    /** Ends the session of a lock's holder, if there is one. */
    void expireHolder(Name lock) {
        change(pushes -> queue(lock).stream().findFirst().ifPresent(holder -> expire(List.of(holder.session), pushes)));
    }

    /** Gives every session its whole TTL again, overdue or not. */
    void refresh() {
        mutex.lock();
        try {
            sessions.values().forEach(Session::renew);
        } finally {
            mutex.unlock();
        }
    }

    /** Nanoseconds until the session is overdue; empty when it is gone. */
    Optional<Long> remaining(long id) {
        return step(pushes -> Optional.ofNullable(sessions.get(id))
                .map(session -> Math.max(0, session.deadline - System.nanoTime())));
    }

    private List<Contender> queue(Name lock) {
        return List.copyOf(queues.getOrDefault(lock, new ArrayDeque<>()));
    }

    private void expire(Collection<Session> doomed, List<Runnable> pushes) {
        List<Contender> theirs = new ArrayList<>();
        for (Session session : doomed) {
            sessions.remove(session.id);
            theirs.addAll(session.contenders.values());
            pushes.add(() -> session.client.accept(new Push(session.id, 0, Standing.SESSION_OVER)));
        }
        remove(theirs, pushes);
    }

    /** All leave before the next is granted, lest one be granted that is about to leave. */
    private void remove(List<Contender> leaving, List<Runnable> pushes) {
        for (Contender contender : leaving) {
            if (contender.token > 0) {
                pushes.addAll(watchers.getOrDefault(contender.lock, Set.of()));
            }
            contender.session.contenders.remove(contender.ticket);
            queues.computeIfPresent(contender.lock, (name, queue) -> {
                queue.remove(contender);
                return queue.isEmpty() ? null : queue;
            });
        }
        for (Contender contender : leaving) {
            Deque<Contender> queue = queues.get(contender.lock);
            Contender first = queue == null ? null : queue.peekFirst();
            if (first != null && first.token == 0) {
                first.token = ++lastToken;
                tell(first, first.standing(), pushes);
            }
        }
    }

    private static void tell(Contender contender, Standing standing, List<Runnable> pushes) {
        Session session = contender.session;
        pushes.add(() -> session.client.accept(new Push(session.id, contender.ticket, standing)));
    }

    private void change(Consumer<List<Runnable>> change) {
        Void unused = step(pushes -> {
            change.accept(pushes);
            return null;
        });
    }

    private <T> T step(Function<List<Runnable>, T> change) {
        List<Runnable> pushes = new ArrayList<>();
        T answer = exclusive(() -> {
            List<Session> overdue =
                    sessions.values().stream().filter(Session::overdue).toList();
            expire(overdue, pushes);
            return change.apply(pushes);
        });
        pushes.forEach(Runnable::run);
        return answer;
    }

    private <T> T exclusive(Supplier<T> action) {
        mutex.lock();
        try {
            return action.get();
        } finally {
            mutex.unlock();
        }
    }
}
