package dev.holdfast.tck.history;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Records who held which lock when, on one monotonic clock, for any number of threads.
 *
 * <p>Two leases overlap exactly when one is still held at the moment at which {@code acquire} returns the other. So
 * {@link #won} looks at every other lease of the lock at that moment; nobody has to poll, and no overlap is inferred
 * from two times that were taken some way apart.
 */
public final class LockHistory {
    private final long origin = System.nanoTime();
    private final Queue<Held> all = new ConcurrentLinkedQueue<>();
    private final Set<Held> live = ConcurrentHashMap.newKeySet();
    private final Queue<Removal> removals = new ConcurrentLinkedQueue<>();

    /** Nanoseconds since this was made. */
    public long now() {
        return System.nanoTime() - origin;
    }

    /** A time of {@link #now()} on the clock of {@link System#nanoTime}. */
    public long nanoTime(long time) {
        return origin + time;
    }

    /**
     * Records a lease; to be called at once when {@code acquire} has returned it.
     *
     * @param asked {@link #now()} before {@code acquire} was called
     */
    public Held won(String contender, Lease lease, long asked) {
        Held held = new Held(this, contender, lease, asked, now());
        all.add(held);
        live.add(held);
        for (Held other : live) {
            if (other != held && other.lease().key().equals(lease.key())) {
                other.look();
            }
        }
        held.look();
        return held;
    }

    /** All that was recorded so far, in the order in which it was won. */
    public List<Hold> holds() {
        return all.stream().map(Held::snapshot).toList();
    }

    /** The holds of one lock. */
    public List<Hold> holds(Key lock) {
        return holds().stream().filter(hold -> hold.lock().equals(lock)).toList();
    }

    /** Records that a lock was taken away from its holder, in a time that ends now and began at {@code from}. */
    public void removed(Key lock, long from) {
        removals.add(new Removal(lock, from, now()));
    }

    /** All removals that were recorded so far. */
    public List<Removal> removals() {
        return List.copyOf(removals);
    }

    /** How many leases were won so far. */
    public int size() {
        return all.size();
    }

    /** No longer looked at, because it was released; one that was lost may be held again, wrongly. */
    void over(Held held) {
        live.remove(held);
    }
}
