package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.config.ConfigException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Collects what a pair of open backends is made of; see {@link HAStorage#of}. Not safe for use by several threads. */
public final class HAStorageBuilder {
    private final Backend storage;
    private @Nullable Backend haStorage;
    private Duration requestTimeout = Duration.ofSeconds(5);
    private Duration lockTtl = Duration.ofSeconds(15);
    private @Nullable Duration lockDelay;

    HAStorageBuilder(Backend storage) {
        this.storage = storage;
    }

    /** Where the lock is; {@code storage} itself when this is not called. */
    public HAStorageBuilder haStorage(Backend backend) {
        haStorage = backend;
        return this;
    }

    /** The {@code request_timeout} that {@code storage} was opened with; 5 s when this is not called, as in backends. */
    public HAStorageBuilder requestTimeout(Duration timeout) {
        requestTimeout = timeout;
        return this;
    }

    /** The {@code lock_ttl} that the lock's backend was opened with; 15 s when this is not called, as in backends. */
    public HAStorageBuilder lockTtl(Duration ttl) {
        lockTtl = ttl;
        return this;
    }

    /**
     * How long a write may be on its way where {@code storage} cannot fence: at least {@code requestTimeout} + 1 s, and
     * longer where a store may get to a request more than a second after its client has given it up.
     * {@code requestTimeout} + 1 s when this is not called.
     *
     * <p>After an active that did not end cleanly the next one waits until this, and half a {@code lockTtl}, have passed
     * since it saw the last sign of its predecessor, for which it looks eight times in a {@code lockTtl}; so after a crash most
     * of that has passed when the lock is free. It waits for all of it where it saw none, or where reads of {@code storage} may
     * be late, so that nobody can know.
     */
    public HAStorageBuilder lockDelay(Duration delay) {
        lockDelay = delay;
        return this;
    }

    /**
     * The pair. No I/O.
     *
     * @throws ConfigException when the timings cannot be safe, saying which inequality does not hold; when
     *     {@code haStorage} has no locks; and, differently, when its locks are turned off (rule SP-05)
     */
    public HAStorage build() {
        return build(false);
    }

    HAStorage build(boolean owner) {
        Duration delay = lockDelay == null ? requestTimeout.plus(Timings.CUT) : lockDelay;
        return new HAStorage(storage, haStorage, new Timings(requestTimeout, lockTtl, delay), owner);
    }
}
