package dev.holdfast.tck.stores;

import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.StoreServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One etcd server, or several that are one cluster, in containers. */
public final class EtcdStore implements AutoCloseable {
    private static final int PORT = 2379;
    private static final String DATA = "/var/lib/etcd/data";
    private static final String SNAPSHOT = "/tmp/snapshot.db";

    private final StoreContainer first;
    private final @Nullable StoreCluster cluster;

    private EtcdStore(StoreContainer alone) {
        this.first = alone;
        this.cluster = null;
    }

    private EtcdStore(StoreCluster cluster) {
        this.first = cluster.first();
        this.cluster = cluster;
    }

    /** One that lets everybody in; returns when it answers. */
    public static EtcdStore start() {
        return new EtcdStore(new StoreContainer(plan(List.of(), null, "etcd"), EtcdStore::answers));
    }

    /** One that asks for a user and a password; {@code root} has the given one. */
    public static EtcdStore startWithPassword(String password) {
        return start().lockedWith(password);
    }

    /** As {@link #startWithPassword}, of several servers, who elect a leader within about half a second. */
    public static EtcdStore startCluster(int servers, String password) {
        String all = IntStream.rangeClosed(1, servers)
                .mapToObj(i -> name(i) + "=" + peer(i))
                .collect(Collectors.joining(","));
        return new EtcdStore(new StoreCluster(servers, new StoreCluster.Kind() {
                    @Override
                    public StoreContainer.Plan plan(int number, String network) {
                        List<String> arguments = List.of(
                                "--name",
                                name(number),
                                "--initial-cluster",
                                all,
                                "--initial-advertise-peer-urls",
                                peer(number),
                                "--listen-peer-urls",
                                "http://0.0.0.0:2380",
                                "--heartbeat-interval",
                                "50",
                                "--election-timeout",
                                "500");
                        return EtcdStore.plan(arguments, network, name(number));
                    }

                    @Override
                    public boolean answers(int port) {
                        return EtcdStore.answers(port);
                    }

                    @Override
                    public boolean leads(int port) {
                        return Probe.get(port, "/metrics").contains("\netcd_server_is_leader 1");
                    }

                    @Override
                    public String endpoint(int port) {
                        return EtcdStore.endpoint(port);
                    }
                }))
                .lockedWith(password);
    }

    private static StoreContainer.Plan plan(List<String> arguments, @Nullable String network, String name) {
        String clients = "http://0.0.0.0:" + PORT;
        List<String> command = new ArrayList<>(List.of("etcd", "--log-level", "warn"));
        command.addAll(List.of("--listen-client-urls", clients, "--advertise-client-urls", clients));
        command.addAll(List.of("--bcrypt-cost", "4")); // the lowest: the passwords here protect nothing
        command.add("--unsafe-no-fsync"); // no check pulls the plug, and a disk that stalls is not what they are about
        command.addAll(arguments);
        return new StoreContainer.Plan("etcd", "holdfast/etcd:3.5", PORT, command, Map.of(), false, network, name);
    }

    private static boolean answers(int port) {
        return Probe.get(port, "/health").contains("\"health\":\"true\"");
    }

    private static String name(int number) {
        return "etcd-" + number;
    }

    private static String peer(int number) {
        return "http://" + name(number) + ":2380";
    }

    private static String endpoint(int port) {
        return "http://127.0.0.1:" + port;
    }

    private EtcdStore lockedWith(String password) {
        first.run("etcdctl", "user", "add", "root:" + password);
        first.run("etcdctl", "user", "grant-role", "root", "root");
        first.run("etcdctl", "auth", "enable");
        return this;
    }

    /** Takes a backup, which replaces the last one; of one server that lets everybody in. */
    public void takeSnapshot() {
        first.run("etcdctl", "snapshot", "save", SNAPSHOT);
    }

    /** Takes the store back to the last backup, with etcd's own tool, and starts it again. */
    public void restoreSnapshot() {
        String restored = DATA + ".restored";
        first.run("etcdctl", "snapshot", "restore", SNAPSHOT, "--data-dir", restored);
        first.run("sh", "-c", "mv " + DATA + " $(mktemp -d) && mv " + restored + " " + DATA);
        first.restart(); // it is killed at once, so it writes nothing more
    }

    /** Where clients reach its servers, separated by commas. */
    public String endpoints() {
        return cluster == null
                ? endpoint(first.port())
                : cluster.servers().stream().map(StoreServer::endpoint).collect(Collectors.joining(","));
    }

    /** Product and version, and how many servers there are of it. */
    public String product() {
        String version = Probe.insist(() -> Probe.get(first.port(), "/version"))
                .replaceAll("(?s).*\"etcdserver\":\"([^\"]*)\".*", "$1");
        int servers = cluster == null ? 1 : cluster.servers().size();
        return "etcd " + version + (servers == 1 ? "" : ", " + servers + " servers") + " (" + first.image() + ")";
    }

    /** Runs {@code etcdctl} with these arguments inside and returns what it printed. */
    public String etcdctl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("etcdctl"));
        command.addAll(List.of(arguments));
        return first.run(command.toArray(String[]::new));
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
