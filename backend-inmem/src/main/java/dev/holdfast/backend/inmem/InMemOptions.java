package dev.holdfast.backend.inmem;

import dev.holdfast.spi.InvalidKeyException;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.spi.driver.CommonOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a user configures.
 *
 * @param store the name of the store in this JVM
 * @param namespace the part of the store that is used; empty or ending in {@code /}
 * @param link the name of the link to the store; null for one of its own
 * @param requestTimeout the bound of each call
 * @param lockTtl how long a lock outlives a holder that was cut off
 * @param haEnabled whether this instance may lock
 */
record InMemOptions(
        String store,
        String namespace,
        @Nullable String link,
        Duration requestTimeout,
        Duration lockTtl,
        boolean haEnabled) {
    private static final Option<String> STORE = Option.string(
                    "store", "The name of the store in this JVM; all instances opened with one name share it")
            .defaultsTo("default");

    private static final Option<String> PATH = Option.string(
                    "path", "The part of the store to use, segments joined by '/'; nothing outside it is seen")
            .defaultsTo("")
            .asNamespace()
            .check(InMemOptions::checkNamespace);

    private static final Option<String> LINK =
            Option.string("link", "The name of the link to the store, for tests that disturb it");

    private static final Option<Duration> LOCK_TTL =
            CommonOptions.LOCK_TTL.check(ttl -> ttl.toMillis() < 100 ? "must be at least 100ms" : null);

    static final OptionSchema SCHEMA =
            OptionSchema.of(STORE, PATH, LINK, CommonOptions.REQUEST_TIMEOUT, LOCK_TTL, CommonOptions.HA_ENABLED);

    static InMemOptions of(Config config) {
        return new InMemOptions(
                config.get(STORE),
                namespace(config.get(PATH)),
                config.find(LINK).orElse(null),
                config.get(CommonOptions.REQUEST_TIMEOUT),
                config.get(LOCK_TTL),
                config.get(CommonOptions.HA_ENABLED));
    }

    /** The namespace that a {@code path} means; {@code vault} and {@code vault/} are the same. */
    static String namespace(String path) {
        return path.isEmpty() || path.endsWith("/") ? path : path + "/";
    }

    /** How errors name the store. */
    Operation place() {
        return Operation.at("inmem", "store=" + store + " path=" + namespace);
    }

    private static @Nullable String checkNamespace(String path) {
        try {
            Prefix unused = Prefix.of(namespace(path));
            return null;
        } catch (InvalidKeyException e) {
            return "must be empty or valid segments: " + e.getMessage();
        }
    }
}
