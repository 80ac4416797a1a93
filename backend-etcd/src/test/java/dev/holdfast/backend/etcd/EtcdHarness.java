package dev.holdfast.backend.etcd;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.stores.EtcdStore;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** How the kit reaches an etcd in a container that wants a password. */
public final class EtcdHarness implements Harness {
    private static final String PASSWORD = "tck-of-holdfast";

    private final int servers;
    private EtcdStore started;

    /** One server; also for the command line, which finds this harness by itself. */
    public EtcdHarness() {
        this(1);
    }

    private EtcdHarness(int servers) {
        this.servers = servers;
    }

    @Override
    public int servers() {
        return servers;
    }

    @Override
    public Harness withServers(int number) {
        return new EtcdHarness(number);
    }

    @Override
    public String type() {
        return "etcd";
    }

    @Override
    public void start() {
        started = servers == 1 ? EtcdStore.startWithPassword(PASSWORD) : EtcdStore.startCluster(servers, PASSWORD);
    }

    @Override
    public Map<String, String> options() {
        return Map.of(
                "endpoints", etcd().endpoints(),
                "path", "tck/",
                "username", "root",
                "password", PASSWORD,
                "lock_ttl", "2s",
                "request_timeout", "2s");
    }

    @Override
    public boolean isDisposable() {
        return true;
    }

    @Override
    public String store() {
        return etcd().product();
    }

    @Override
    public Optional<Set<Capability>> expectedCapabilities() {
        return Optional.of(EnumSet.allOf(Capability.class));
    }

    /** etcd looks for expired leases twice a second. */
    @Override
    public Duration expiryStep() {
        return Duration.ofMillis(500);
    }

    @Override
    public Optional<StoreControl> control() {
        return Optional.of(etcd().control());
    }

    @Override
    public Map<String, LockRemoval> lockRemovals() {
        return Map.of(
                "its entry deleted", (options, lock) -> etcdctl("del", entry(options, lock)),
                "its etcd lease revoked", (options, lock) -> etcdctl("lease", "revoke", lease(entry(options, lock))));
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

    /** The key of the contender that holds the lock. */
    private String entry(Map<String, String> options, Key lock) {
        String path = options.get("path");
        String queue = (path.endsWith("/") ? path : path + "/") + "l/" + lock.path() + "//";
        return etcdctl("get", "--prefix", queue, "--keys-only", "--sort-by=CREATE", "--limit=1")
                .strip();
    }

    /** The entry's name begins with the number of its lease. */
    private static String lease(String entry) {
        String name = entry.substring(entry.lastIndexOf('/') + 1);
        return name.substring(0, name.lastIndexOf('-'));
    }

    private String etcdctl(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--user";
        all[1] = "root:" + PASSWORD;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return etcd().etcdctl(all);
    }

    private EtcdStore etcd() {
        return Objects.requireNonNull(started, "start() comes first");
    }
}
