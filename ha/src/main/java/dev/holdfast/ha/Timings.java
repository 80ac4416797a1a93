package dev.holdfast.ha;

import dev.holdfast.spi.config.ConfigException;
import java.time.Duration;
import java.util.List;

/**
 * The timings of a pair.
 *
 * @param requestTimeout the longest that one call to {@code storage} may take
 * @param lockTtl how long a lock outlives a holder that was cut off
 * @param lockDelay how long a write of a bounded pair may be on its way
 */
record Timings(Duration requestTimeout, Duration lockTtl, Duration lockDelay) {
    /** What a store may need to get done with a request that was cut off. */
    static final Duration CUT = Duration.ofSeconds(1);

    /** How often the active of a bounded pair renews its marker, and a standby looks at it. */
    Duration renewal() {
        return lockTtl.dividedBy(8);
    }

    /** How long after a renewal of its marker the active of a bounded pair may begin to write. */
    Duration window() {
        return lockTtl.dividedBy(2);
    }

    /** How long after a renewal the last write that it allowed has arrived. */
    Duration settled() {
        return window().plus(lockDelay);
    }

    /** Refuses what cannot be safe, or could never serve. */
    void check(Protection protection) {
        positive("request_timeout", requestTimeout);
        positive("lock_ttl", lockTtl);
        positive("lock_delay", lockDelay);
        if (protection != Protection.BOUNDED) {
            return;
        }
        if (lockDelay.compareTo(requestTimeout.plus(CUT)) < 0) {
            throw refusal(
                    "lock_delay",
                    "lock_delay >= request_timeout + " + ms(CUT) + " does not hold: " + ms(lockDelay) + " < "
                            + ms(requestTimeout) + " + " + ms(CUT)
                            + "; storage cannot fence, so a successor must outwait the longest write of its predecessor,"
                            + " and what a store may still do with one that was cut off");
        }
        if (lockTtl.compareTo(requestTimeout.multipliedBy(2)) < 0) {
            throw refusal(
                    "request_timeout",
                    "lock_ttl >= 2 * request_timeout does not hold: " + ms(lockTtl) + " < 2 * " + ms(requestTimeout)
                            + "; storage cannot fence, so each write needs as much lease as it may take, and a healthy"
                            + " active would have to refuse its own");
        }
    }

    static void positive(String option, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw refusal(option, option + " > 0 does not hold: " + ms(value));
        }
    }

    static void atMost(String small, Duration lower, String large, Duration upper, String why) {
        if (lower.compareTo(upper) > 0) {
            throw refusal(
                    small, small + " <= " + large + " does not hold: " + ms(lower) + " > " + ms(upper) + "; " + why);
        }
    }

    static ConfigException refusal(String option, String problem) {
        return new ConfigException(option, List.of(problem));
    }

    private static String ms(Duration value) {
        return value.toMillis() + " ms";
    }
}
