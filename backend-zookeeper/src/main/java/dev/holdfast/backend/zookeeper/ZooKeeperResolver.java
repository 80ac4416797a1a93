package dev.holdfast.backend.zookeeper;

import java.net.InetSocketAddress;
import java.util.Collection;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.HostProvider;
import org.apache.zookeeper.client.StaticHostProvider;
import org.jspecify.annotations.Nullable;

/** The servers in random order; who connects waits less for his turn, and it is known when he began. */
final class ZooKeeperResolver implements HostProvider {
    /** Between two rounds in which no server could be reached, and before one that hung up is tried again. */
    private static final long PAUSE_MILLIS = 100;

    private final HostProvider servers;
    private final long created = System.nanoTime();
    private volatile long began = created;
    private volatile long connected = created;
    private volatile @Nullable Long opened;

    ZooKeeperResolver(String connectString) {
        servers = new StaticHostProvider(new ConnectStringParser(connectString).getServerAddresses());
    }

    /**
     * When the attempt began with which the session was opened, on {@link System#nanoTime()}. It was made in a transaction
     * since then, and the leader counts from later.
     */
    long opened() {
        Long first = opened;
        return first == null ? created : first;
    }

    /** When the last attempt began with which the session was connected. The server asked the leader whether it is there. */
    long connected() {
        return connected;
    }

    @Override
    public int size() {
        return servers.size();
    }

    @Override
    public InetSocketAddress next(long spinDelay) {
        InetSocketAddress next = servers.next(Math.min(spinDelay, PAUSE_MILLIS));
        began = System.nanoTime();
        return next;
    }

    /** Called by the thread that also asks for the next server. */
    @Override
    public void onConnected() {
        connected = began;
        if (opened == null) {
            opened = began;
        }
        servers.onConnected();
    }

    /** Says that the connection must be given up: the one way to tell ZooKeeper's client. The list stays. */
    @Override
    public boolean updateServerList(Collection<InetSocketAddress> addresses, InetSocketAddress current) {
        return true;
    }
}
