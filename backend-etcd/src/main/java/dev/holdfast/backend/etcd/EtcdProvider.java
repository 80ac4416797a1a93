package dev.holdfast.backend.etcd;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.OptionSchema;

/** Backends of type {@code etcd}: storage with transactions and fencing, and locks, in an etcd cluster. */
public final class EtcdProvider implements BackendProvider {
    @Override
    public String type() {
        return "etcd";
    }

    @Override
    public OptionSchema options() {
        return EtcdOptions.SCHEMA;
    }

    /** Opens an instance without contacting the store, which shows at the first call. */
    @Override
    public Backend open(Config config) {
        return new EtcdBackend(EtcdOptions.of(config));
    }
}
