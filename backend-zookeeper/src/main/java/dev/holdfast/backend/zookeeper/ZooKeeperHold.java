package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.SessionLease;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;

/**
 * Tells a holder when its entry is gone behind its back (rule LO-03): deleted, or with its session. It is watched in
 * the session for data, which hears of it at once also when the one for locks is the one that somebody has closed.
 */
final class ZooKeeperHold implements Watcher, AutoCloseable {
    /** A lock that is held for less than this costs no watch; one that is taken away is noticed this much later. */
    private static final Duration SOON = Duration.ofMillis(100);

    private static final Duration RETRY = Duration.ofMillis(250);

    private final ZooKeeperClient data;
    private final ZooKeeperReads reads;
    private final ZooKeeperSession session;
    private final String entry;
    private final SessionLease lease;
    private volatile boolean closed;

    ZooKeeperHold(
            ZooKeeperClient data, ZooKeeperReads reads, ZooKeeperSession session, String entry, SessionLease lease) {
        this.data = data;
        this.reads = reads;
        this.session = session;
        this.entry = entry;
        this.lease = lease;
    }

    /** Starts to watch. */
    void begin() {
        session.add(this);
        data.later(SOON, this::watch);
    }

    private void watch() {
        if (closed) {
            return;
        }
        CompletableFuture<Optional<ZooKeeperCall.Node>> there =
                data.repeated(data.end(), zk -> reads.current(zk, () -> ZooKeeperCall.read(zk, entry, this)));
        ZooKeeperCall.whenDone(there, (found, failure) -> {
            if (failure != null) {
                data.later(RETRY, this::watch);
            } else if (found.isEmpty()) {
                lose();
            }
        });
    }

    @Override
    public void process(WatchedEvent event) {
        if (event.getType() == Event.EventType.NodeDeleted) {
            lose();
        } else if (event.getType() != Event.EventType.None
                || event.getState() == Event.KeeperState.Expired
                || event.getState() == Event.KeeperState.Closed
                || event.getState()
                        == Event.KeeperState.AuthFailed) { // of which there is no other one: it ends the client
            data.later(RETRY, this::watch);
        }
    }

    private void lose() {
        if (!closed) {
            lease.lose(new Loss(Loss.Reason.REVOKED, "the lock's entry is gone from ZooKeeper"));
        }
        close();
    }

    /** The watch itself goes with the entry. */
    @Override
    public void close() {
        closed = true;
        session.remove(this);
    }
}
