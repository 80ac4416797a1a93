package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.LeaseSession;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockQueues;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/** A ZooKeeper session that is kept alive for locks, and everything of one instance that lives in it. */
final class ZooKeeperSession implements LockQueues.Session {
    /**
     * Of the TTL: how often to renew, at most. A renewal counts when the next one is answered, so four would outlast one
     * answer that takes a third of the TTL, but not two in a row, and where a server has been silent for a quarter of it, they
     * would leave less than a second of the shortest TTL for which this is promised, 6 s, to connect to another.
     */
    private static final int RENEWALS = 8;

    /** How often to see whether there is a connection again. */
    private static final Duration RETRY = Duration.ofMillis(50);

    /** ZooKeeper takes up to a second to connect again: with less than this the lease would be over by then. */
    private static final Duration SHORTEST_PATIENCE = Duration.ofMillis(1_500);

    private final ZooKeeperClient client;
    private final ZooKeeper zk;
    private final ZooKeeperKeys keys;
    private final ZooKeeperClient data;
    private final ZooKeeperReads reads;
    private final ZooKeeperRoots roots;

    /** In the session itself. */
    private final ZooKeeperReads own;

    private final Duration ttl;
    private final Duration period;

    /** After how long a silent server is left for another. ZooKeeper's own is too long to save any lease. */
    private final Duration patience;

    private final ZooKeeperRenewals renewals;
    private final AtomicLong contenders = new AtomicLong();

    /** What the names of those begin with who may have an entry. */
    private final Set<String> present = ConcurrentHashMap.newKeySet();

    private final Set<ZooKeeperHold> holds = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final LeaseSession leases;

    private ZooKeeperSession(
            ZooKeeperClient client,
            ZooKeeper zk,
            LeaseThreads threads,
            ZooKeeperKeys keys,
            ZooKeeperClient data,
            ZooKeeperReads reads,
            ZooKeeperRoots roots) {
        this.client = client;
        this.zk = zk;
        this.keys = keys;
        this.data = data;
        this.reads = reads;
        this.roots = roots;
        this.own = new ZooKeeperReads(client, keys.path(), true, client.timeout());
        // As the servers have granted it, which is never less than two of their ticks.
        this.ttl = Duration.ofMillis(zk.getSessionTimeout());
        this.period = ttl.dividedBy(RENEWALS);
        this.patience = ttl.dividedBy(4);
        Duration shortest = data.granted()
                .filter(other -> !other.isZero() && other.compareTo(ttl) < 0)
                .orElse(ttl);
        this.renewals = new ZooKeeperRenewals(shortest.toNanos());
        this.leases = new LeaseSession(threads, ttl, client.openedNanos(), loss -> onEnd());
    }

    /**
     * Connects, in a new session.
     *
     * @param data another connection to the same servers, whose reads are {@code reads}
     * @return who cancels it gives the attempt up
     */
    static CompletableFuture<ZooKeeperSession> open(
            ZooKeeperOptions options,
            LeaseThreads threads,
            ZooKeeperKeys keys,
            ZooKeeperClient data,
            ZooKeeperReads reads,
            ZooKeeperRoots roots) {
        CompletableFuture<ZooKeeperSession> opened = new CompletableFuture<>();
        ZooKeeperClient client = new ZooKeeperClient(options, threads, "lock", options.lockTtl(), (zk, state) -> {
            var unused = opened.thenAccept(session -> session.changed(zk, state));
        });
        ZooKeeperCall.whenDone(opened, (session, failure) -> {
            if (failure != null) {
                client.close();
            }
        });
        ZooKeeperCall.whenDone(client.once(client.end(), CompletableFuture::completedFuture), (zk, failure) -> {
            if (failure != null) {
                opened.completeExceptionally(failure);
            } else if (!opened.isDone()) {
                ZooKeeperSession session = new ZooKeeperSession(client, zk, threads, keys, data, reads, roots);
                if (opened.complete(session)) {
                    session.renew();
                }
            }
        });
        return opened;
    }

    @Override
    public LeaseSession leases() {
        return leases;
    }

    @Override
    public ZooKeeperContender contender(Key lock) {
        return new ZooKeeperContender(this, roots, data, reads, keys, lock, ttl);
    }

    /** What the name of a contender begins with, never given twice. */
    String nextContender() {
        String name = Long.toHexString(zk.getSessionId()) + "-" + contenders.incrementAndGet() + "-";
        present.add(name);
        return name;
    }

    /** This contender wants no entry any more. */
    void left(String contender) {
        present.remove(contender);
    }

    /** A request in this session and no other, sent once at most. */
    <T> CompletableFuture<T> once(Function<ZooKeeper, CompletableFuture<T>> request) {
        return client.once(client.end(), inSession(request));
    }

    /** A request in this session and no other, that does no harm when it is sent again. */
    <T> CompletableFuture<T> repeated(Function<ZooKeeper, CompletableFuture<T>> request) {
        return client.repeated(client.end(), inSession(request));
    }

    private <T> Function<ZooKeeper, CompletableFuture<T>> inSession(Function<ZooKeeper, CompletableFuture<T>> request) {
        // When a session has expired, Curator opens another one.
        return connected -> connected == zk
                ? request.apply(zk)
                : CompletableFuture.failedFuture(new ZooKeeperErrors.NotSent("the session was over"));
    }

    /** Runs a task on the timer thread; false when the instance is closed. */
    boolean later(Duration delay, Runnable task) {
        return client.later(delay, task);
    }

    void add(ZooKeeperHold hold) {
        holds.add(hold);
        if (ended.isDone()) {
            hold.close();
        }
    }

    void remove(ZooKeeperHold hold) {
        holds.remove(hold);
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public CompletableFuture<Void> freed() {
        return closed;
    }

    private void changed(ZooKeeper changed, KeeperState state) {
        if (changed != zk) {
            return; // of another session, which Curator opens when this one has expired
        }
        switch (state) {
            case SyncConnected -> connected(zk.getSessionTimeout());
            case Expired -> end("ZooKeeper no longer knows the session " + Long.toHexString(zk.getSessionId()));
            // The handle is given up soon, and the session with it: the holder has to know of it before.
            case AuthFailed -> end("ZooKeeper refused the login");
            default -> {}
        }
    }

    /**
     * Each server that a session moves to grants its time anew, and may grant less than the first one did.
     *
     * @param grantedMillis what the leader counts from now on
     */
    private void connected(int grantedMillis) {
        if (grantedMillis < ttl.toMillis()) {
            end("a server granted the session " + grantedMillis + " ms only, and another one before " + ttl.toMillis()
                    + " ms: give all servers the same tickTime and maxSessionTimeout");
            return;
        }
        if (client.connectedNanos() != client.openedNanos()) {
            confirm(client.connectedNanos());
        }
        removeGhosts();
    }

    /**
     * The leader was asked whether the session is there and counts from then; but one that is cut off from the others says so,
     * too. A transaction through the same connection shows that it led the others.
     */
    private void confirm(long connected) {
        ZooKeeperCall.whenDone(own.barrier(zk), (done, failure) -> {
            if (failure == null && client.connectedNanos() == connected) {
                leases.renewed(connected);
            }
        });
    }

    private void end(String why) {
        leases.end(new Loss(Loss.Reason.REVOKED, why));
    }

    /**
     * Removes entries that nobody here knows of. There are some when the servers were restored to a state before their
     * removal, and they would take the lock for as long as the session is renewed.
     */
    private void removeGhosts() {
        if (contenders.get() == 0) {
            return;
        }
        ZooKeeperCall.whenDone(ZooKeeperCall.ephemerals(zk, keys.locks()), (nodes, failure) -> {
            if (failure == null) {
                nodes.stream()
                        .filter(node ->
                                !present.contains(node.substring(node.lastIndexOf('/') + 1, node.lastIndexOf('-') + 1)))
                        .forEach(ghost -> {
                            var unused = ZooKeeperCall.delete(zk, ghost);
                        });
            }
        });
    }

    /**
     * One renewal. The next one is sent when it makes this one count, and not before: more would not show the leader's
     * count any earlier, and who waits for an answer on one connection gets no other one before it.
     *
     * <p>Where there are several servers it is a transaction: a leader that is cut off from the others answers a {@code sync}
     * all the same, for up to a tick longer than it takes the others to elect another one.
     */
    private void renew() {
        if (!leases.isAlive()) {
            return;
        }
        if (!zk.getState().isConnected()) {
            client.later(RETRY, this::renew);
            return;
        }
        long sent = System.nanoTime();
        CompletableFuture<Void> answer = own.barrier(zk);
        ZooKeeperCall.whenDone(answer, (done, failure) -> {
            long now = System.nanoTime();
            if (failure == null) {
                renewals.answered(sent, now).ifPresent(leases::renewed);
            }
            long pause = renewals.pauseNanos(sent, now, period.toNanos());
            client.later(failure == null ? Duration.ofNanos(pause) : RETRY, this::renew);
        });
        if (patience.compareTo(SHORTEST_PATIENCE) >= 0) {
            client.later(patience, () -> {
                if (!answer.isDone() && leases.isAlive()) {
                    client.leaveServer(zk);
                }
            });
        }
    }

    private void onEnd() {
        ended.complete(null);
        holds.forEach(ZooKeeperHold::close);
        ZooKeeperCall.whenDone(client.closing(), (done, failure) -> closed.complete(null));
    }
}
