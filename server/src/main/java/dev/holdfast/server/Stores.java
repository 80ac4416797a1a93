package dev.holdfast.server;

import dev.holdfast.ha.HAStorage;
import dev.holdfast.ha.HAStorageBuilder;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.server.config.StoreConfig;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.config.Option;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The open backends of a server.
 *
 * @param locks the backend of the lock; null where there is none
 */
record Stores(
        Backend storage,
        @Nullable Backend haStorage,
        HAStorage pair,
        @Nullable HABackend locks) implements AutoCloseable {
    /**
     * Opens what is configured; leaves nothing open when it fails.
     *
     * @throws ConfigException when the parts do not go together; and when {@code storage}, which could have locks, has none
     *     here for another reason than that they are turned off: its node would take itself for the only one
     */
    static Stores open(ServerConfig config, Backends backends) {
        Backend storage =
                backends.open(config.storage().type(), config.storage().options());
        Backend haStorage = null;
        try {
            StoreConfig separate = config.haStorage();
            HAStorageBuilder builder = HAStorage.of(storage);
            if (separate != null) {
                haStorage = backends.open(separate.type(), separate.options());
                builder = builder.haStorage(haStorage);
            }
            StoreConfig lockStore = separate == null ? config.storage() : separate;
            Optional<Duration> timeout = duration(backends, config.storage(), "request_timeout");
            Optional<Duration> ttl = duration(backends, lockStore, "lock_ttl");
            Duration delay = config.lockDelay();
            timeout.ifPresent(builder::requestTimeout);
            ttl.ifPresent(builder::lockTtl);
            if (delay != null) {
                builder = builder.lockDelay(delay);
            }
            HAStorage pair = builder.build();
            if (storage instanceof HABackend) {
                pair.whyNoLock()
                        .filter(why -> !isTurnedOff(backends, config.storage()))
                        .ifPresent(why -> {
                            throw alone(config.storage(), why);
                        });
            }
            return new Stores(storage, haStorage, pair, locks(storage, haStorage));
        } catch (RuntimeException | Error e) {
            if (haStorage != null) {
                haStorage.close();
            }
            storage.close();
            throw e;
        }
    }

    /**
     * Looks for what {@link #open} and the server would refuse in any case, without opening anything. What only an open store
     * can tell is left: whether it has locks after all, whether it fences, and so which timings are safe.
     *
     * @throws ConfigException naming it
     */
    static void check(ServerConfig config, Backends backends) {
        StoreConfig separate = config.haStorage();
        if (separate != null && isTurnedOff(backends, separate)) {
            throw new ConfigException(
                    "configuration",
                    List.of("ha_storage \"" + separate.type()
                            + "\": its locks are turned off with ha_enabled, so it cannot carry the lock"));
        }
        StoreConfig lockStore = separate == null ? config.storage() : separate;
        if (config.apiAddr() == null && isHaEnabled(backends, lockStore).orElse(false)) {
            throw withoutApiAddr((separate == null ? "storage" : "ha_storage") + " \"" + lockStore.type() + '"');
        }
    }

    /** Where there is a lock, there may be standbys. */
    static ConfigException withoutApiAddr(String lockStore) {
        return new ConfigException(
                "configuration",
                List.of("api_addr: is required, since " + lockStore
                        + " has locks: standbys redirect clients to the active's api_addr; set it in the file or in"
                        + " VAULT_API_ADDR"));
    }

    private static boolean isTurnedOff(Backends backends, StoreConfig store) {
        return !isHaEnabled(backends, store).orElse(true);
    }

    /** Empty for a type without this option, of which only an open store can tell. */
    private static Optional<Boolean> isHaEnabled(Backends backends, StoreConfig store) {
        return find(backends, store, "ha_enabled", Option.Kind.BOOLEAN).map(Boolean.class::cast);
    }

    private static ConfigException alone(StoreConfig storage, String why) {
        return new ConfigException(
                "configuration",
                List.of("storage \"" + storage.type()
                        + "\": has no locks here, so nothing would keep this node from being"
                        + " active beside another one: " + why
                        + "; use a store that can carry locks, such as, for S3, one"
                        + " whose conditional writes are atomic; or add an ha_storage; or set ha_enabled = \"false\" in"
                        + " storage to run this node alone on purpose"));
    }

    private static @Nullable HABackend locks(Backend storage, @Nullable Backend haStorage) {
        Backend holder = haStorage == null ? storage : haStorage;
        return holder instanceof HABackend able && able.haEnabled() ? able : null;
    }

    private static Optional<Duration> duration(Backends backends, StoreConfig store, String option) {
        return find(backends, store, option, Option.Kind.DURATION).map(Duration.class::cast);
    }

    /** The value of an option, in a store whose type has one of this name and kind. */
    private static Optional<?> find(Backends backends, StoreConfig store, String option, Option.Kind kind) {
        Config config = backends.configure(store.type(), store.options());
        return backends.provider(store.type())
                .options()
                .find(option)
                .filter(found -> found.kind() == kind)
                .flatMap(config::find);
    }

    @Override
    public void close() {
        pair.close();
        if (haStorage != null) {
            haStorage.close();
        }
        storage.close();
    }
}
