package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.driver.LeaseThreads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/**
 * A connection that is kept up: to another server when one fails, and in a new session when one has expired.
 *
 * <p>A request waits for a connection until its deadline, and is not sent after it.
 */
final class ZooKeeperClient implements AutoCloseable {
    private static final Duration RETRY = Duration.ofMillis(20);

    private final ZooKeeperHandles handles;
    private final Duration timeout;

    /**
     * Starts to connect.
     *
     * @param duty for the names of threads
     * @param listener told of every change of a handle's state, on the thread that brings events
     */
    ZooKeeperClient(
            ZooKeeperOptions options,
            LeaseThreads threads,
            String duty,
            Duration sessionTimeout,
            BiConsumer<ZooKeeper, KeeperState> listener) {
        // A little less than the caller waits, so that the caller learns whether the request was sent.
        Duration bound = options.requestTimeout();
        Duration head = bound.dividedBy(10);
        timeout = bound.minus(head.toMillis() > 50 ? Duration.ofMillis(50) : head);
        handles = new ZooKeeperHandles(options, threads, duty, sessionTimeout, listener);
    }

    /** As {@link ZooKeeperHandles#leaveServer}. */
    void leaveServer(ZooKeeper zk) {
        handles.leaveServer(zk);
    }

    /** As {@link ZooKeeperResolver#opened}; only once there was a connection. */
    long openedNanos() {
        return handles.openedNanos();
    }

    /** As {@link ZooKeeperResolver#connected}; only once there was a connection. */
    long connectedNanos() {
        return handles.connectedNanos();
    }

    /** How long a session the servers have granted; empty while there is no connection. */
    Optional<Duration> granted() {
        return handles.granted();
    }

    /** The bound of a call for which the caller waits. */
    Duration timeout() {
        return timeout;
    }

    /** When a call that begins now must be over, on {@link System#nanoTime()}. */
    long end() {
        return System.nanoTime() + timeout.toNanos();
    }

    /** A request that is sent once at most; the function sends it, in whichever pieces. */
    <T> CompletableFuture<T> once(long end, Function<ZooKeeper, CompletableFuture<T>> request) {
        CompletableFuture<ZooKeeper> connection = handles.connection();
        long left = end - System.nanoTime();
        if (left <= 0) {
            return CompletableFuture.failedFuture(new ZooKeeperErrors.NotSent("it was too late to send it"));
        }
        if (connection.isDone()) {
            return connection.thenCompose(request);
        }
        CompletableFuture<ZooKeeper> waiting = connection.copy();
        Runnable giveUp =
                () -> waiting.completeExceptionally(new ZooKeeperErrors.NotSent("there was no connection in time"));
        if (!later(Duration.ofNanos(left), giveUp)) {
            giveUp.run();
        }
        return waiting.thenCompose(request);
    }

    /** A request that does no harm when it is sent again, which it is when the connection is lost. */
    <T> CompletableFuture<T> repeated(long end, Function<ZooKeeper, CompletableFuture<T>> request) {
        return once(end, request).exceptionallyCompose(failure -> {
            CompletableFuture<T> again = new CompletableFuture<>();
            boolean inTime = end - System.nanoTime() > RETRY.toNanos();
            boolean repeat = ZooKeeperErrors.isPassing(failure)
                    && inTime
                    && later(
                            RETRY,
                            () -> ZooKeeperCall.whenDone(repeated(end, request), (value, last) -> {
                                if (last == null) {
                                    again.complete(value);
                                } else {
                                    again.completeExceptionally(last);
                                }
                            }));
            return repeat ? again : CompletableFuture.failedFuture(failure);
        });
    }

    /** Runs a task on the timer thread; false when the instance is closed. */
    boolean later(Duration delay, Runnable task) {
        return handles.later(delay, task);
    }

    /** Ends the session and the connection, without waiting for it. Completes when the server was told, if it could be. */
    CompletableFuture<Void> closing() {
        return handles.closing();
    }

    @Override
    public void close() {
        var unused = closing();
    }
}
