package dev.holdfast.backend.zookeeper;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/**
 * How late reads may be. A linearizable one is sent right behind a {@linkplain ZooKeeperCall#barrier barrier}, or where there
 * is one server only, behind a {@code sync}. With {@code consistency = session} a read goes alone, while the session is known
 * to have caught up a short time ago; otherwise it is sent behind a barrier as well. So a server that is cut off from the
 * others is not believed for long, and a new session, which may be at a server that has not seen yet what an earlier one
 * wrote, begins with a barrier.
 *
 * <p>Within one session ZooKeeper never goes back in time, also when it moves to another server.
 */
final class ZooKeeperReads {
    private final ZooKeeperClient client;
    private final String path;
    private final boolean linearizable;
    private final long mostNanos;
    private final AtomicReference<@Nullable Caught> caught = new AtomicReference<>();
    private final AtomicReference<@Nullable Server> server = new AtomicReference<>();
    private final AtomicLong refreshed = new AtomicLong(System.nanoTime());

    /** A session has seen everything that was acknowledged before this moment. */
    private record Caught(ZooKeeper zk, long nanos) {}

    /** What a connection goes to. */
    private record Server(ZooKeeper zk, long connected, boolean alone) {}

    /**
     * @param client whose sessions are read in
     * @param path what is synced
     * @param latest how late a read that is not linearizable may be
     */
    ZooKeeperReads(ZooKeeperClient client, String path, boolean linearizable, Duration latest) {
        this.client = client;
        this.path = path;
        this.linearizable = linearizable;
        this.mostNanos = latest.toNanos() / 2; // the other half is for the call itself
    }

    /** Whether every read sees all that was acknowledged before. */
    boolean linearizable() {
        return linearizable;
    }

    /** A read that sees all that was acknowledged before, however late others may be; in one flight. */
    <T> CompletableFuture<T> current(ZooKeeper zk, Supplier<CompletableFuture<T>> read) {
        CompletableFuture<Void> barrier = barrier(zk);
        return barrier.thenCombine(read.get(), (done, found) -> found);
    }

    /** Makes a read as late as it may be, in one flight. */
    <T> CompletableFuture<T> read(ZooKeeper zk, Supplier<CompletableFuture<T>> read) {
        if (linearizable) {
            return current(zk, read);
        }
        long now = System.nanoTime();
        Caught last = caught.get();
        if (last == null || last.zk != zk || now - last.nanos > mostNanos) {
            CompletableFuture<Void> barrier = catchUp(zk);
            return barrier.thenCombine(read.get(), (done, found) -> found);
        }
        CompletableFuture<T> found = read.get();
        long before = refreshed.get();
        boolean soonTooOld = now - last.nanos > mostNanos / 2 && now - before > mostNanos / 4;
        if (soonTooOld && refreshed.compareAndSet(before, now)) {
            var unused = catchUp(zk); // behind the read, which does not wait for it
        }
        return found;
    }

    /** Has the session see all that was acknowledged before. */
    CompletableFuture<Void> catchUp(ZooKeeper zk) {
        long sent = System.nanoTime();
        return barrier(zk)
                .thenAccept(done -> caught.accumulateAndGet(
                        new Caught(zk, sent),
                        (old, next) -> old != null && old.zk == zk && old.nanos - next.nanos > 0 ? old : next));
    }

    /**
     * What is sent next reads all that was acknowledged before. A server alone answers a {@code sync} in the order of its
     * transactions, and writes nothing for it.
     */
    CompletableFuture<Void> barrier(ZooKeeper zk) {
        long connected = client.connectedNanos();
        Server known = server.get();
        if (known != null && known.zk == zk && known.connected == connected) {
            return known.alone ? ZooKeeperCall.sync(zk, path) : ZooKeeperCall.barrier(zk, path);
        }
        Server unknown = new Server(zk, connected, false);
        if (server.compareAndSet(known, unknown)) {
            var unused = ZooKeeperCall.isAlone(zk)
                    .thenAccept(alone -> server.compareAndSet(unknown, new Server(zk, connected, alone)));
        }
        return ZooKeeperCall.barrier(zk, path);
    }
}
