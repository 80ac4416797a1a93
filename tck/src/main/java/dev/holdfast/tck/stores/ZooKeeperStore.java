package dev.holdfast.tck.stores;

import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.StoreServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One ZooKeeper server, or several that are one ensemble, in containers; the tick is 500 ms, so that sessions of 1 s are
 * possible.
 */
public final class ZooKeeperStore implements AutoCloseable {
    private static final int PORT = 2181;

    private final StoreContainer first;
    private final @Nullable StoreCluster cluster;

    private ZooKeeperStore(StoreContainer alone) {
        this.first = alone;
        this.cluster = null;
    }

    private ZooKeeperStore(StoreCluster cluster) {
        this.first = cluster.first();
        this.cluster = cluster;
    }

    /** One that everybody may use; returns when it answers. */
    public static ZooKeeperStore start() {
        return new ZooKeeperStore(new StoreContainer(plan(Map.of(), "", null, "zookeeper"), ZooKeeperStore::answers));
    }

    /** As {@link #start}, of several servers; one that is cut off from the others goes on answering for up to 4 s. */
    public static ZooKeeperStore startCluster(int servers) {
        String all = IntStream.rangeClosed(1, servers)
                .mapToObj(i -> "server." + i + "=" + name(i) + ":2888:3888;" + PORT)
                .collect(Collectors.joining(" "));
        return new ZooKeeperStore(new StoreCluster(servers, new StoreCluster.Kind() {
            @Override
            public StoreContainer.Plan plan(int number, String network) {
                Map<String, String> environment = Map.of(
                        "ZOO_MY_ID",
                        String.valueOf(number),
                        "ZOO_SERVERS",
                        all,
                        "ZOO_INIT_LIMIT",
                        "20",
                        "ZOO_SYNC_LIMIT",
                        "8");
                return ZooKeeperStore.plan(
                        environment, "quorumListenOnAllIPs=true cnxTimeout=500", network, name(number));
            }

            @Override
            public boolean answers(int port) {
                return ZooKeeperStore.answers(port);
            }

            @Override
            public boolean leads(int port) {
                return Probe.ask(port, "srvr").contains("Mode: leader");
            }

            @Override
            public String endpoint(int port) {
                return ZooKeeperStore.endpoint(port);
            }
        }));
    }

    private static StoreContainer.Plan plan(
            Map<String, String> more, String configuration, @Nullable String network, String name) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("ZOO_TICK_TIME", "500");
        environment.put("ZOO_MAX_CLIENT_CNXNS", "0");
        // No check pulls the plug, and a disk that stalls is not what they are about.
        environment.put("ZOO_CFG_EXTRA", ("forceSync=no " + configuration).strip());
        // Starts sooner; and a server that comes back may have another address.
        environment.put("JVMFLAGS", "-XX:TieredStopAtLevel=1 -Dsun.net.inetaddr.ttl=0");
        environment.put("ZOO_4LW_COMMANDS_WHITELIST", "srvr,ruok,mntr,cons,dump");
        return new StoreContainer.Plan(
                "zookeeper", "holdfast/zookeeper:3.9", PORT, List.of(), environment, false, network, name);
    }

    private static boolean answers(int port) {
        return Probe.ask(port, "srvr").contains("Mode:");
    }

    private static String name(int number) {
        return "zookeeper-" + number;
    }

    private static String endpoint(int port) {
        return "127.0.0.1:" + port;
    }

    /** Takes a backup, which replaces the last one; of one server. */
    public void takeSnapshot() {
        first.run("sh", "-c", "rm -rf /tmp/backup && mkdir /tmp/backup && cp -a /data /datalog /tmp/backup");
    }

    /** Takes the store back to the last backup, as an operator does with copies of its files, and starts it again. */
    public void restoreSnapshot() {
        first.run(
                "sh",
                "-c",
                "for d in data datalog; do rm -rf /$d/version-2 && cp -a /tmp/backup/$d/version-2 /$d; done");
        first.restart(); // it is killed at once, so it writes nothing more
    }

    /** Where clients reach its servers, as {@code host:port}, separated by commas. */
    public String endpoints() {
        return cluster == null
                ? endpoint(first.port())
                : cluster.servers().stream().map(StoreServer::endpoint).collect(Collectors.joining(","));
    }

    /** Product and version, and how many servers there are of it. */
    public String product() {
        String version = Probe.insist(() -> Probe.ask(first.port(), "srvr"))
                .replaceAll("(?s).*Zookeeper version: ([0-9.]+).*", "$1");
        int servers = cluster == null ? 1 : cluster.servers().size();
        return "ZooKeeper " + version + (servers == 1 ? "" : ", " + servers + " servers") + " (" + first.image() + ")";
    }

    /** Power over it. */
    public StoreControl control() {
        return cluster == null ? first : cluster;
    }

    @Override
    public void close() {
        if (cluster == null) {
            first.close();
        } else {
            cluster.close();
        }
    }
}
