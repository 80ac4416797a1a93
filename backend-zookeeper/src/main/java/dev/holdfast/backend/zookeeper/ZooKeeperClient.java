package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.driver.LeaseThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/**
 * A connection that Curator keeps up: to another server when one fails, and in a new session when one has expired.
 *
 * <p>A request waits for a connection until its deadline, and is not sent after it.
 */
final class ZooKeeperClient implements AutoCloseable {
    private static final Duration RETRY = Duration.ofMillis(20);
    private static final Duration LOG_IN_AGAIN = Duration.ofSeconds(5);

    private final ZooKeeperOptions options;
    private final LeaseThreads threads;
    private final Duration timeout;
    private final CuratorFramework curator;
    private final BiConsumer<ZooKeeper, KeeperState> listener;
    private final AtomicReference<CompletableFuture<ZooKeeper>> connected =
            new AtomicReference<>(new CompletableFuture<>());
    private final AtomicReference<@Nullable CompletableFuture<Void>> closed = new AtomicReference<>();
    private volatile @Nullable ZooKeeperResolver hosts;

    /** The handle whose connection is the one that requests use. */
    private volatile @Nullable Handle latest;

    private final long patienceNanos;

    /** Since when there is no connection, or has been the one that there is. */
    private volatile long since = System.nanoTime();

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
        this.options = options;
        this.threads = threads;
        this.listener = listener;
        this.patienceNanos = sessionTimeout.multipliedBy(2).toNanos();
        // A little less than the caller waits, so that the caller learns whether the request was sent.
        Duration bound = options.requestTimeout();
        Duration head = bound.dividedBy(10);
        timeout = bound.minus(head.toMillis() > 50 ? Duration.ofMillis(50) : head);
        curator = CuratorFrameworkFactory.builder()
                .connectString(options.connectString())
                .ensembleTracker(false) // it would replace the addresses given by those that the servers advertise
                .sessionTimeoutMs((int) sessionTimeout.toMillis())
                .connectionTimeoutMs((int) sessionTimeout.toMillis())
                .retryPolicy((retries, elapsed, sleeper) -> false)
                .threadFactory(task -> daemon("holdfast-zookeeper-" + duty, task))
                .maxCloseWaitMs(100)
                .zookeeperFactory(new Factory())
                .build();
        curator.start();
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Makes the handles that Curator asks for: the first one, and another when a session has expired. */
    private final class Factory implements ZookeeperFactory {
        @Override
        public ZooKeeper newZooKeeper(String connectString, int sessionTimeout, Watcher curators, boolean canBeReadOnly)
                throws IOException {
            Handle handle = new Handle();
            latest = handle;
            ZooKeeperResolver servers = new ZooKeeperResolver(connectString);
            hosts = servers;
            ZooKeeper zk = new ZooKeeper(
                    connectString,
                    sessionTimeout,
                    event -> {
                        changed(event, handle);
                        curators.process(event);
                    },
                    canBeReadOnly,
                    servers,
                    options.connection());
            options.login().ifPresent(login -> {
                String credentials = login.username() + ":" + login.password().reveal();
                zk.addAuthInfo("digest", credentials.getBytes(StandardCharsets.UTF_8));
            });
            handle.made.complete(zk); // only now, so that no request overtakes the credentials
            return zk;
        }
    }

    /** One handle of ZooKeeper's client, which may have events before it is made. */
    private static final class Handle {
        private final CompletableFuture<ZooKeeper> made = new CompletableFuture<>();
        private volatile boolean refused;
    }

    private void changed(WatchedEvent event, Handle handle) {
        if (event.getType() != Watcher.Event.EventType.None) {
            return;
        }
        KeeperState state = event.getState();
        if (closed.get() != null) {
            return; // whoever asks for a connection has been told
        }
        // Where it cannot even try to log in by SASL, ZooKeeper's client says so and goes on as nobody.
        if (handle.refused && state != KeeperState.Expired) {
            return;
        }
        if (handle == latest) { // what one says that was given up before must not touch the connection of the next
            moved(handle, state);
        }
        var unused = handle.made.thenAccept(zk -> listener.accept(zk, state));
    }

    private void moved(Handle handle, KeeperState state) {
        if (state == KeeperState.SyncConnected) {
            var unused = handle.made.thenAccept(zk -> unlessDone(connected).complete(zk));
        } else if (state == KeeperState.AuthFailed) {
            handle.refused = true;
            CompletableFuture<ZooKeeper> refused =
                    CompletableFuture.failedFuture(new KeeperException.AuthFailedException());
            connected.getAndSet(refused).completeExceptionally(new KeeperException.AuthFailedException());
            later(LOG_IN_AGAIN, this::reset);
        } else if (state == KeeperState.Disconnected || state == KeeperState.Expired) {
            if (Objects.requireNonNull(connected.get()).isDone()) {
                since = System.nanoTime();
            }
            var unused = unlessDone(connected);
            giveHandleUp();
        }
    }

    /** The connection that is awaited; a new one when there was one, which is over. */
    private static CompletableFuture<ZooKeeper> unlessDone(AtomicReference<CompletableFuture<ZooKeeper>> connected) {
        return Objects.requireNonNull(
                connected.updateAndGet(before -> before.isDone() ? new CompletableFuture<>() : before));
    }

    /**
     * A handle that has once seen a later state than the servers are in is not let in by any of them, for ever: after the
     * ensemble was restored from a backup. By now the servers have ended the session anyway.
     */
    private void giveHandleUp() {
        long now = System.nanoTime();
        if (now - since > patienceNanos) {
            since = now;
            reset();
        }
    }

    /** A handle that was refused never tries again. */
    private void reset() {
        if (closed.get() != null) {
            return;
        }
        var unused = unlessDone(connected); // who waits goes on waiting
        daemon("holdfast-zookeeper-login", () -> {
                    try {
                        curator.getZookeeperClient().reset();
                    } catch (Exception e) {
                        later(LOG_IN_AGAIN, this::reset);
                    }
                    if (closed.get() != null) {
                        curator.getZookeeperClient().close();
                    }
                })
                .start();
    }

    /** Leaves the server for the next one, in the same session. */
    void leaveServer(ZooKeeper zk) {
        // With TLS this waits for the server that does not answer.
        daemon("holdfast-zookeeper-leave", () -> {
                    try {
                        zk.updateServerList(options.connectString());
                        var unused =
                                ZooKeeperCall.sync(zk, options.path()); // wakes the thread that waits on the connection
                    } catch (IOException e) {
                        // it is left already
                    }
                })
                .start();
    }

    /** As {@link ZooKeeperResolver#opened}; only once there was a connection. */
    long openedNanos() {
        return Objects.requireNonNull(hosts).opened();
    }

    /** As {@link ZooKeeperResolver#connected}; only once there was a connection. */
    long connectedNanos() {
        return Objects.requireNonNull(hosts).connected();
    }

    /** How long a session the servers have granted; empty while there is no connection. */
    Optional<Duration> granted() {
        CompletableFuture<ZooKeeper> connection = Objects.requireNonNull(connected.get());
        boolean there = connection.isDone() && !connection.isCompletedExceptionally();
        return there ? Optional.of(Duration.ofMillis(connection.join().getSessionTimeout())) : Optional.empty();
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
        CompletableFuture<ZooKeeper> connection = Objects.requireNonNull(connected.get());
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
        try {
            threads.after(delay.toNanos(), task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Ends the session and the connection, without waiting for it. Completes when the server was told, if it could be. */
    CompletableFuture<Void> closing() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        CompletableFuture<Void> before = closed.compareAndExchange(null, done);
        if (before != null) {
            return before;
        }
        connected
                .getAndSet(CompletableFuture.failedFuture(new ZooKeeperErrors.NotSent("the session is closed")))
                .completeExceptionally(new ZooKeeperErrors.NotSent("the session is closed"));
        // ZooKeeper waits for an answer to its farewell for as long as it believes in the connection.
        daemon("holdfast-zookeeper-close", () -> {
                    try {
                        curator.close();
                    } finally {
                        done.complete(null);
                    }
                })
                .start();
        return done;
    }

    @Override
    public void close() {
        var unused = closing();
    }
}
