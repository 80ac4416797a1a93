package dev.holdfast.spi.driver;

import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** A store of queues in memory that answers at once, unless a test tells it to be slow, deaf or wrong. */
final class FakeQueues implements LockQueues {
    final List<FakeSession> sessions = new CopyOnWriteArrayList<>();
    final List<FakeContender> contenders = new CopyOnWriteArrayList<>();
    final List<FakeWatch> watches = new CopyOnWriteArrayList<>();

    /** What is run when somebody watches a lock and it changes; a test runs it. */
    final List<Runnable> changes = new CopyOnWriteArrayList<>();

    /** What those were given who asked to leave while {@link #leaving} was set. */
    final List<CompletableFuture<Void>> leavings = new CopyOnWriteArrayList<>();

    /** What attempts to open a session get, when it is not a session at once. */
    volatile CompletableFuture<FakeSession> opening;

    /** What requests get instead of an answer. */
    volatile CompletableFuture<Standing> joining;

    volatile CompletableFuture<Standing> looking;
    volatile CompletableFuture<Void> leaving;

    /** Whether a join is applied although it is not answered. */
    volatile boolean joinApplied;

    /** How many looks there were. */
    final AtomicInteger looks = new AtomicInteger();

    private final LeaseThreads threads;
    private final List<Entry> entries = new ArrayList<>();
    private final AtomicLong clock = new AtomicLong();

    private record Entry(String name, Key lock, String value, long created, FakeSession session) {}

    FakeQueues(LeaseThreads threads) {
        this.threads = threads;
    }

    /** The names of those who queue, in order. */
    synchronized List<String> queue() {
        return entries.stream().map(Entry::name).toList();
    }

    /** Removes an entry, and tells who watches it. */
    void remove(String name) {
        synchronized (this) {
            entries.removeIf(entry -> entry.name().equals(name));
        }
        watches.stream().filter(watch -> watch.entry.equals(name)).forEach(watch -> watch.stirred.complete(null));
    }

    FakeSession newSession() {
        FakeSession session = new FakeSession();
        sessions.add(session);
        return session;
    }

    @Override
    public CompletableFuture<FakeSession> open() {
        CompletableFuture<FakeSession> told = opening;
        return told == null ? CompletableFuture.completedFuture(newSession()) : told;
    }

    @Override
    public synchronized CompletableFuture<Optional<Holder>> holder(Key lock) {
        return CompletableFuture.completedFuture(entries.stream()
                .filter(entry -> entry.lock().equals(lock))
                .findFirst()
                .map(entry -> new Holder(entry.value(), entry.created())));
    }

    @Override
    public HALock.Watch watch(Key lock, Runnable changed) {
        changes.add(changed);
        changed.run();
        return () -> changes.remove(changed);
    }

    private synchronized Standing join(Entry entry, boolean onlyIfFree) {
        Optional<String> last = ahead(entry, Long.MAX_VALUE);
        if (onlyIfFree && last.isPresent()) {
            return new Standing(0, last);
        }
        if (!entry.session().ended.isDone()) { // or it goes with its session at once
            entries.add(entry);
        }
        return new Standing(entry.created(), last);
    }

    private synchronized Standing stand(Entry entry) {
        return entries.contains(entry) ? new Standing(entry.created(), ahead(entry, entry.created())) : Standing.GONE;
    }

    private Optional<String> ahead(Entry entry, long before) {
        return entries.stream()
                .filter(other -> other.lock().equals(entry.lock()) && other.created() < before)
                .reduce((first, last) -> last)
                .map(Entry::name);
    }

    final class FakeSession implements Session {
        final CompletableFuture<Void> ended = new CompletableFuture<>();
        final CompletableFuture<Void> freed = new CompletableFuture<>();

        final LeaseSession leases = new LeaseSession(threads, Duration.ofHours(1), System.nanoTime(), loss -> onEnd());

        private void onEnd() {
            ended.complete(null);
            names().forEach(FakeQueues.this::remove);
            freed.complete(null);
        }

        private List<String> names() {
            synchronized (FakeQueues.this) {
                return entries.stream()
                        .filter(entry -> entry.session() == this)
                        .map(Entry::name)
                        .collect(Collectors.toList());
            }
        }

        void end() {
            leases.end(new Loss(Loss.Reason.REVOKED, "the test did it"));
        }

        @Override
        public LeaseSession leases() {
            return leases;
        }

        @Override
        public CompletableFuture<Void> ended() {
            return ended;
        }

        @Override
        public CompletableFuture<Void> freed() {
            return freed;
        }

        @Override
        public FakeContender contender(Key lock) {
            FakeContender contender = new FakeContender(this, lock);
            contenders.add(contender);
            return contender;
        }
    }

    final class FakeContender implements Contender {
        final List<SessionLease> won = new CopyOnWriteArrayList<>();
        private final FakeSession session;
        private final Key lock;
        private final String name;
        private volatile Entry entry;
        volatile boolean onlyIfFree;

        /** How many looks this one had. */
        final AtomicInteger ownLooks = new AtomicInteger();

        FakeContender(FakeSession session, Key lock) {
            this.session = session;
            this.lock = lock;
            this.name = "entry " + (contenders.size() + 1);
        }

        @Override
        public CompletableFuture<Standing> join(String value, boolean ifFree) {
            onlyIfFree = ifFree;
            entry = new Entry(name, lock, value, clock.incrementAndGet(), session);
            CompletableFuture<Standing> told = joining;
            if (told == null) {
                return CompletableFuture.completedFuture(FakeQueues.this.join(entry, onlyIfFree));
            }
            joining = null;
            if (joinApplied) {
                Standing unused = FakeQueues.this.join(entry, onlyIfFree);
            }
            return told;
        }

        @Override
        public CompletableFuture<Standing> look(Standing before) {
            looks.incrementAndGet();
            ownLooks.incrementAndGet();
            if (session.ended.isDone()) {
                return CompletableFuture.failedFuture(new IllegalStateException("no such session"));
            }
            CompletableFuture<Standing> told = looking;
            return told == null ? CompletableFuture.completedFuture(stand(entry)) : told;
        }

        @Override
        public Watch watch(String ahead) {
            FakeWatch watch = new FakeWatch(ahead);
            watches.add(watch);
            if (!queue().contains(ahead)) {
                watch.stirred.complete(null);
            }
            return watch;
        }

        @Override
        public void won(SessionLease lease) {
            won.add(lease);
        }

        @Override
        public CompletableFuture<Void> leave() {
            CompletableFuture<Void> told = leaving;
            if (told != null) {
                CompletableFuture<Void> answer = told.copy();
                leavings.add(answer);
                return answer;
            }
            if (session.ended.isDone()) {
                return CompletableFuture.failedFuture(new IllegalStateException("no such session"));
            }
            remove(name);
            return CompletableFuture.completedFuture(null);
        }
    }

    static final class FakeWatch implements Watch {
        final String entry;
        final CompletableFuture<Void> stirred = new CompletableFuture<>();
        volatile Optional<Standing> standing = Optional.empty();
        volatile boolean closed;

        FakeWatch(String entry) {
            this.entry = entry;
        }

        @Override
        public CompletableFuture<Void> stirred() {
            return stirred;
        }

        @Override
        public Optional<Standing> standing() {
            return standing;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
