package dev.holdfast.tck.stores;

import dev.holdfast.tck.StoreControl;
import java.util.List;
import java.util.Map;

/** A ZooKeeper server in a container; its tick is 500 ms, so that sessions of 1 s are possible. */
public final class ZooKeeperStore implements AutoCloseable {
    private final StoreContainer container = new StoreContainer(
            new StoreContainer.Plan(
                    "zookeeper",
                    "holdfast/zookeeper:3.9",
                    2181,
                    List.of(),
                    Map.of(
                            "ZOO_TICK_TIME", "500",
                            "ZOO_MAX_CLIENT_CNXNS", "0",
                            "ZOO_4LW_COMMANDS_WHITELIST", "srvr,ruok,mntr,cons,dump"),
                    false),
            port -> Probe.ask(port, "srvr").contains("Mode:"));

    private ZooKeeperStore() {}

    /** Returns when it answers. */
    public static ZooKeeperStore start() {
        return new ZooKeeperStore();
    }

    /** Where clients reach it, as {@code host:port}. */
    public String endpoint() {
        return "127.0.0.1:" + container.port();
    }

    /** Product and version. */
    public String product() {
        String version = Probe.ask(container.port(), "srvr").replaceAll("(?s).*Zookeeper version: ([0-9.]+).*", "$1");
        return "ZooKeeper " + version + " (" + container.image() + ")";
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
