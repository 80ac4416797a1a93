package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.OptionSchema;

/** Backends of type {@code zookeeper}: storage with transactions and fencing, and locks, in a ZooKeeper ensemble. */
public final class ZooKeeperProvider implements BackendProvider {
    @Override
    public String type() {
        return "zookeeper";
    }

    @Override
    public OptionSchema options() {
        return ZooKeeperOptions.SCHEMA;
    }

    /** Opens an instance without waiting for the store, which shows at the first call. */
    @Override
    public Backend open(Config config) {
        return new ZooKeeperBackend(ZooKeeperOptions.of(config));
    }
}
