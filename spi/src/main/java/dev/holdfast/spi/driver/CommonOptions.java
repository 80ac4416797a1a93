package dev.holdfast.spi.driver;

import dev.holdfast.spi.config.Option;
import java.time.Duration;

/** Options that mean the same in every backend. */
public final class CommonOptions {
    /** The bound of each storage call. */
    public static final Option<Duration> REQUEST_TIMEOUT = Option.duration(
                    "request_timeout", "The longest time that one call to the store may take")
            .defaultsTo("5s")
            .check(value -> value.toMillis() < 10 ? "must be at least 10ms" : null);

    /** The time to live of a lock. */
    public static final Option<Duration> LOCK_TTL = Option.duration(
                    "lock_ttl", "How long a lock outlives a holder that has died or was cut off")
            .defaultsTo("15s");

    /** Whether the instance may lock. */
    public static final Option<Boolean> HA_ENABLED = Option.bool(
                    "ha_enabled", "Whether this store may be used for locks")
            .defaultsTo("true");

    private CommonOptions() {}
}
