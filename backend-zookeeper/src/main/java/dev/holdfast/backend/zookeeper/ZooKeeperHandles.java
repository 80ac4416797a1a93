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
 * The handles of ZooKeeper's client, one after the other, each of which is a session: Curator replaces one that has expired,
 * and this one that was refused or that no server lets in any more.
 */
final class ZooKeeperHandles {
    private static final Duration LOG_IN_AGAIN = Duration.ofSeconds(5);

    private final ZooKeeperOptions options;
    private final LeaseThreads threads;
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
    ZooKeeperHandles(
            ZooKeeperOptions options,
            LeaseThreads threads,
            String duty,
            Duration sessionTimeout,
            BiConsumer<ZooKeeper, KeeperState> listener) {
        this.options = options;
        this.threads = threads;
        this.listener = listener;
        this.patienceNanos = sessionTimeout.multipliedBy(2).toNanos();
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

    /** The handle that is connected, now or as soon as one is. */
    CompletableFuture<ZooKeeper> connection() {
        return Objects.requireNonNull(connected.get());
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
        CompletableFuture<ZooKeeper> connection = connection();
        boolean there = connection.isDone() && !connection.isCompletedExceptionally();
        return there ? Optional.of(Duration.ofMillis(connection.join().getSessionTimeout())) : Optional.empty();
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
}
