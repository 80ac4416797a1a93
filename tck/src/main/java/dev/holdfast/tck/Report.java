package dev.holdfast.tck;

import dev.holdfast.spi.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * A whole run.
 *
 * @param backend what was tested, as its {@code toString} says
 * @param store the store it was tested against
 * @param capabilities what the backend declared
 * @param seed with which the random parts can be run again
 * @param began when the run began
 */
public record Report(
        String type,
        String backend,
        String store,
        Set<Capability> capabilities,
        long seed,
        List<RuleResult> results,
        Instant began,
        Duration took) {

    /** How many rules ended so. */
    public long count(Outcome outcome) {
        return results.stream().filter(result -> result.outcome() == outcome).count();
    }

    /** Whether rules were checked at all and none failed. */
    public boolean passed() {
        return count(Outcome.PASS) > 0 && count(Outcome.FAIL) == 0;
    }
}
