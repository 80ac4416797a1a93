package dev.holdfast.tck.stores;

import dev.holdfast.tck.StoreControl;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An etcd server in a container. */
public final class EtcdStore implements AutoCloseable {
    private static final String ALL = "http://0.0.0.0:2379";

    private final StoreContainer container;

    private EtcdStore(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of("etcd", "--listen-client-urls", ALL, "--advertise-client-urls", ALL, "--log-level", "warn"));
        command.addAll(List.of(arguments));
        container = new StoreContainer(
                new StoreContainer.Plan("etcd", "holdfast/etcd:3.5", 2379, command, Map.of(), false),
                port -> Probe.get(port, "/health").contains("\"health\":\"true\""));
    }

    /** One that lets everybody in; returns when it answers. */
    public static EtcdStore start() {
        return new EtcdStore();
    }

    /** One that asks for a user and a password; {@code root} has the given one. */
    public static EtcdStore startWithPassword(String password) {
        EtcdStore store = new EtcdStore("--bcrypt-cost", "4"); // the lowest: this password protects nothing
        store.container.run("etcdctl", "user", "add", "root:" + password);
        store.container.run("etcdctl", "user", "grant-role", "root", "root");
        store.container.run("etcdctl", "auth", "enable");
        return store;
    }

    /** Where clients reach it. */
    public String endpoint() {
        return "http://127.0.0.1:" + container.port();
    }

    /** Product and version. */
    public String product() {
        String version =
                Probe.get(container.port(), "/version").replaceAll("(?s).*\"etcdserver\":\"([^\"]*)\".*", "$1");
        return "etcd " + version + " (" + container.image() + ")";
    }

    /** Runs {@code etcdctl} with these arguments inside and returns what it printed. */
    public String etcdctl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("etcdctl"));
        command.addAll(List.of(arguments));
        return container.run(command.toArray(String[]::new));
    }

    /** Power over it. */
    public StoreControl control() {
        return container;
    }

    @Override
    public void close() {
        container.close();
    }
}
