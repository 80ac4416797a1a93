package dev.holdfast.backend.zookeeper;

import java.net.InetSocketAddress;
import java.util.Collection;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.HostProvider;
import org.apache.zookeeper.client.StaticHostProvider;

/** The servers in random order; who connects waits less for his turn, and it is known when he began. */
final class ZooKeeperHosts implements HostProvider {
    /** Between two rounds in which no server could be reached, and before one that hung up is tried again. */
    private static final long PAUSE_MILLIS = 100;

    private final HostProvider servers;
    private final long created = System.nanoTime();
    private volatile long began = created;
    private volatile long connected = created;

    ZooKeeperHosts(String connectString) {
        servers = new StaticHostProvider(new ConnectStringParser(connectString).getServerAddresses());
    }

    /**
     * When the last attempt began with which the session was connected, on {@link System#nanoTime()}. The server asked
     * the leader to make the session then, or whether it is still there; either way the leader counts from later.
     */
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
        servers.onConnected();
    }

    /** Says that the connection must be given up: the one way to tell ZooKeeper's client. The list stays. */
    @Override
    public boolean updateServerList(Collection<InetSocketAddress> addresses, InetSocketAddress current) {
        return true;
    }
}
