package dev.holdfast.backend.s3;

import dev.holdfast.backend.s3.S3LockObject.Seen;
import dev.holdfast.spi.Key;
import org.jspecify.annotations.Nullable;

/**
 * Since when each lock's object is known to be as it is, on {@link System#nanoTime()}. A record that stands unchanged
 * for its TTL, counted from when the answer that first showed it had come, belongs to a holder that gave up before: it
 * counted from when it sent that write, which is earlier, and less a margin.
 */
final class S3Sightings {
    private record Sighting(Seen seen, long since) {}

    private final S3Recent<Sighting> sightings = new S3Recent<>();

    /** For how many nanoseconds the lock is still the holder's; 0 or less when it is anybody's. */
    long remaining(Key lock, Seen seen) {
        String etag = seen.etag();
        if (etag == null || !seen.record().held()) {
            sightings.remove(lock);
            return 0;
        }
        long now = System.nanoTime();
        Sighting first = sightings.update(
                lock, before -> before != null && etag.equals(before.seen().etag()) ? before : new Sighting(seen, now));
        return first.since() + seen.record().ttl().toNanos() - now;
    }

    /** What was seen last of a lock that was held then; to read it again is cheap while it still is. */
    @Nullable
    Seen last(Key lock) {
        Sighting last = sightings.get(lock);
        return last == null ? null : last.seen();
    }
}
