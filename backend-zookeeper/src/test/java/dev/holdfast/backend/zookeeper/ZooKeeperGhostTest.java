package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An entry of a session that lives on, of which its instance knows nothing: one that it had removed, and that a backup brought
 * back.
 */
@Timeout(180)
@SuppressWarnings("try") // who closes one of ZooKeeper's handles may be interrupted
class ZooKeeperGhostTest {
    private static final Key LOCK = Key.of("core/lock");
    private static final Key OTHER = Key.of("core/other");
    private static final ZooKeeperKeys KEYS = new ZooKeeperKeys("/ghosts");

    @Test
    void anEntryThatNobodyKnowsOfIsRemovedWhenItsSessionIsConnectedAgain() throws Exception {
        try (ZooKeeperStore store = ZooKeeperStore.start();
                HABackend holder = open(store);
                HABackend rival = open(store)) {
            holder.lock(LOCK, "holder").acquire().close(); // makes the queue
            try (Lease other = holder.lock(OTHER, "holder").acquire()) {
                leaveEntry(store.endpoints(), session(store.endpoints()));

                Optional<Lease> won = rival.lock(LOCK, "rival").tryAcquire(Duration.ofSeconds(60));
                assertThat(won).as("the lock, which nobody holds").isPresent();
                assertThat(other.isHeld())
                        .as("so it has not gone with its session")
                        .isTrue();
            }
        }
    }

    private static HABackend open(ZooKeeperStore store) {
        return (HABackend) Backends.load()
                .open("zookeeper", Map.of("endpoints", store.endpoints(), "path", "ghosts", "lock_ttl", "10s"));
    }

    /** The session that holds the other lock. */
    private static long session(String endpoints) throws Exception {
        try (Handle handle = Handle.open(endpoints, 0)) {
            String queue = KEYS.queue(OTHER);
            String entry = handle.getChildren(queue, false).get(0);
            return Objects.requireNonNull(handle.exists(queue + "/" + entry, false))
                    .getEphemeralOwner();
        }
    }

    /** The session comes here for it, and then goes back to its own client. */
    private static void leaveEntry(String endpoints, long session) throws Exception {
        Handle handle = Handle.open(endpoints, session);
        String entry = KEYS.queue(LOCK) + "/" + Long.toHexString(session) + "-999-";
        handle.create(entry, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL_SEQUENTIAL);
        handle.leave();
    }

    private static final class Handle extends ZooKeeper {
        private Handle(String endpoints, CountDownLatch connected, long session) throws IOException {
            super(
                    endpoints,
                    10_000,
                    event -> {
                        if (event.getState() == KeeperState.SyncConnected) {
                            connected.countDown();
                        }
                    },
                    session,
                    session == 0 ? new byte[0] : ZooKeeperHarness.password(session));
        }

        static Handle open(String endpoints, long session) throws Exception {
            CountDownLatch connected = new CountDownLatch(1);
            Handle handle = new Handle(endpoints, connected, session);
            assertThat(connected.await(30, TimeUnit.SECONDS)).isTrue();
            return handle;
        }

        /** Hangs up, and the session lives on. */
        void leave() {
            cnxn.disconnect();
        }
    }
}
