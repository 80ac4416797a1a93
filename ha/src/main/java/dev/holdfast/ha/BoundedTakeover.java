package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until no write of an earlier term can arrive any more. Each term keeps a marker in storage for as long as it may
 * have writes on the way; where none is left, there is nothing to wait for.
 *
 * @param lockDelay how long a write may be on its way
 */
record BoundedTakeover(Backend storage, Duration lockDelay) implements Takeover {
    private static final Logger log = LoggerFactory.getLogger(BoundedTakeover.class);

    private static Prefix markers(Key lock) {
        return Prefix.of(lock.path() + "/terms/");
    }

    private static Key marker(Term term) {
        return markers(term.lease().key()).key(String.valueOf(term.lease().token()));
    }

    @Override
    public Backend begin(Term term) throws InterruptedException, TermOverException {
        Backend guarded = GuardedStorage.of(storage, term.guard());
        Prefix markers = markers(term.lease().key());
        // A listing that may be late proves nothing.
        boolean certain = storage.capabilities().contains(Capability.LINEARIZABLE_READS);
        boolean clean = certain && storage.list(markers, "", 1).isEmpty();
        if (!clean) {
            term.waiting("the last active did not end cleanly: writes of its may arrive for " + lockDelay.toMillis()
                    + " ms (lock_delay)");
            if (term.awaitEnd(lockDelay).isPresent()) {
                throw new TermOverException();
            }
        }
        term.guard().awaitLease();
        guarded.put(Entry.of(marker(term), new byte[0]));
        if (!clean) {
            List<String> earlier = storage.list(markers);
            String own = marker(term).name();
            earlier.stream().filter(name -> !name.equals(own)).forEach(name -> guarded.delete(markers.key(name)));
        }
        return guarded;
    }

    /** The guard is shut, and nothing is on its way. */
    @Override
    public void endCleanly(Term term) throws InterruptedException {
        try {
            term.guard().awaitLease();
            term.afterAll(() -> storage.delete(marker(term)));
        } catch (BackendException e) {
            log.debug("the marker of a term stays, so the next one waits lock_delay: {}", e.getMessage());
        }
    }
}
