package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
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

    /** The marker of this term harms nobody before it is clear that there is no other, so the two requests go out at once. */
    @Override
    public Backend begin(Term term) throws InterruptedException, TermOverException {
        Backend guarded = GuardedStorage.of(storage, term.guard());
        Key own = marker(term);
        FutureTask<Boolean> looking = new FutureTask<>(() -> isAlone(own));
        boolean clean;
        try {
            lookMeanwhile(looking);
            term.guard().awaitLease();
            guarded.put(Entry.of(own, new byte[0]));
            clean = answer(looking);
        } finally {
            looking.cancel(true);
        }
        if (!clean) {
            term.waiting("the last active did not end cleanly: writes of its may arrive for " + lockDelay.toMillis()
                    + " ms (lock_delay)");
            if (term.awaitEnd(lockDelay).isPresent()) {
                throw new TermOverException();
            }
            term.guard().awaitLease();
            Prefix markers = markers(term.lease().key());
            List<String> earlier = storage.list(markers);
            earlier.stream()
                    .filter(name -> !name.equals(own.name()))
                    .forEach(name -> guarded.delete(markers.key(name)));
        }
        return guarded;
    }

    /** Whether no other term has a marker, which a listing that may be late does not prove. */
    private boolean isAlone(Key own) {
        return storage.capabilities().contains(Capability.LINEARIZABLE_READS)
                && storage.list(own.parent(), "", 2).stream().allMatch(own.name()::equals);
    }

    private static void lookMeanwhile(FutureTask<Boolean> looking) {
        Thread thread = new Thread(looking, "holdfast-ha-takeover");
        thread.setDaemon(true);
        thread.start();
    }

    private static boolean answer(FutureTask<Boolean> looking) throws InterruptedException {
        try {
            return looking.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        }
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
