package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** How the kit reaches a ZooKeeper in a container, whose nodes belong to a user with a password. */
public final class ZooKeeperHarness implements Harness {
    private static final String USER = "tck";
    private static final String PASSWORD = "tck-of-holdfast";
    private static final int MILLIS = 10_000;

    private final int servers;
    private final String consistency;
    private ZooKeeperStore started;

    /** One server; also for the command line, which finds this harness by itself. */
    public ZooKeeperHarness() {
        this(1, "linearizable");
    }

    private ZooKeeperHarness(int servers, String consistency) {
        this.servers = servers;
        this.consistency = consistency;
    }

    /** One whose clients read without a {@code sync}. */
    ZooKeeperHarness withSessionReads() {
        return new ZooKeeperHarness(servers, "session");
    }

    @Override
    public int servers() {
        return servers;
    }

    @Override
    public ZooKeeperHarness withServers(int number) {
        return new ZooKeeperHarness(number, consistency);
    }

    @Override
    public String type() {
        return "zookeeper";
    }

    @Override
    public void start() {
        started = servers == 1 ? ZooKeeperStore.start() : ZooKeeperStore.startCluster(servers);
    }

    @Override
    public Map<String, String> options() {
        return Map.of(
                "endpoints",
                zookeeper().endpoints(),
                "path",
                "tck/",
                "username",
                USER,
                "password",
                PASSWORD,
                "lock_ttl",
                "2s",
                // The shortest that these servers grant, which tells the driver how often they tell each other.
                "session_timeout",
                "1s",
                "request_timeout",
                "2s",
                "consistency",
                consistency);
    }

    @Override
    public boolean isDisposable() {
        return true;
    }

    @Override
    public String store() {
        return zookeeper().product();
    }

    @Override
    public Optional<Set<Capability>> expectedCapabilities() {
        Set<Capability> all = EnumSet.allOf(Capability.class);
        if (consistency.equals("session")) {
            all.remove(Capability.LINEARIZABLE_READS);
        }
        return Optional.of(all);
    }

    /** ZooKeeper expires sessions at its ticks. */
    @Override
    public Duration expiryStep() {
        return Duration.ofMillis(500);
    }

    @Override
    public Optional<StoreControl> control() {
        return Optional.of(zookeeper().control());
    }

    @Override
    public Map<String, LockRemoval> lockRemovals() {
        return Map.of(
                "its node deleted",
                (options, lock) -> with(connect(0, new byte[0]), zk -> zk.delete(entry(zk, options, lock), -1)),
                "its session closed",
                (options, lock) -> with(connect(0, new byte[0]), zk -> {
                    Stat stat = Objects.requireNonNull(zk.exists(entry(zk, options, lock), false));
                    long session = stat.getEphemeralOwner();
                    with(connect(session, password(session)), ZooKeeper::close);
                }));
    }

    @Override
    public Optional<Map<String, String>> wrongCredentials() {
        return Optional.of(Map.of("password", "not-" + PASSWORD));
    }

    @Override
    public void close() {
        if (started != null) {
            started.close();
        }
    }

    private interface Work {
        void on(ZooKeeper zk) throws KeeperException, InterruptedException;
    }

    private static void with(ZooKeeper zk, Work work) {
        try {
            try {
                work.on(zk);
            } finally {
                zk.close();
            }
        } catch (KeeperException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The node of the contender that holds the lock. */
    private static String entry(ZooKeeper zk, Map<String, String> options, Key lock)
            throws KeeperException, InterruptedException {
        String path = "/" + options.get("path").replaceAll("^/|/$", "");
        String queue = new ZooKeeperKeys(path).queue(lock);
        return queue + "/" + ZooKeeperQueue.first(zk.getChildren(queue, false)).orElseThrow();
    }

    /** A new session, or another connection to one that is there. */
    private ZooKeeper connect(long session, byte[] password) {
        CountDownLatch connected = new CountDownLatch(1);
        try {
            ZooKeeper zk = new ZooKeeper(
                    zookeeper().endpoints(),
                    MILLIS,
                    event -> {
                        if (event.getState() == KeeperState.SyncConnected) {
                            connected.countDown();
                        }
                    },
                    session,
                    password);
            zk.addAuthInfo("digest", (USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));
            if (!connected.await(MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("ZooKeeper does not answer");
            }
            return zk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What ZooKeeper's servers make the password of a session from. */
    static byte[] password(long session) {
        byte[] password = new byte[16];
        new Random(session ^ 0xB3415C00L).nextBytes(password);
        return password;
    }

    private ZooKeeperStore zookeeper() {
        return Objects.requireNonNull(started, "start() comes first");
    }
}
