package dev.holdfast.tck.history;

import dev.holdfast.spi.Lease;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** A lease that is being recorded. Ask and release it through this, so that what was seen is written down. */
public final class Held {
    private final LockHistory history;
    private final String contender;
    private final Lease lease;
    private final long token;
    private final long asked;
    private final long from;
    private final AtomicLong until;
    private final AtomicLong open;
    private final AtomicLong lost = new AtomicLong(Hold.NEVER);
    private final AtomicLong releasing = new AtomicLong(Hold.NEVER);
    private final AtomicLong released = new AtomicLong(Hold.NEVER);

    Held(LockHistory history, String contender, Lease lease, long asked, long from) {
        this.history = history;
        this.contender = contender;
        this.lease = lease;
        this.token = lease.token();
        this.asked = asked;
        this.from = from;
        this.until = new AtomicLong(from);
        this.open = new AtomicLong(from);
        var unused = lease.lost().whenComplete((loss, failure) -> lost.compareAndSet(Hold.NEVER, history.now()));
    }

    /** The lease itself. */
    public Lease lease() {
        return lease;
    }

    /** Its token, as it was when it was won. */
    public long token() {
        return token;
    }

    /** Asks the lease and records a yes. Since it never becomes held again, it was held when the question was put. */
    public boolean isHeld() {
        long before = history.now();
        boolean held = lease.isHeld();
        if (held) {
            until.accumulateAndGet(before, Math::max);
        }
        return held;
    }

    /** Asks {@code lost()} now: what is complete runs its dependents at once, in this thread. */
    public boolean isLost() {
        AtomicBoolean complete = new AtomicBoolean();
        var unused = lease.lost().whenComplete((loss, failure) -> complete.set(true));
        return complete.get();
    }

    /** Asks everything and records the answers; {@code isHeld()} last, because it may remind a lease of its deadline. */
    public void look() {
        long before = history.now();
        if (!isLost() && releasing.get() == Hold.NEVER) {
            open.accumulateAndGet(before, Math::max);
        }
        if (!isHeld() && released.get() != Hold.NEVER) {
            history.over(this);
        }
    }

    /** Releases the lease; throws what it throws. */
    public void release() {
        boolean unused = isHeld();
        releasing.compareAndSet(Hold.NEVER, history.now());
        try {
            lease.release();
            released.compareAndSet(Hold.NEVER, history.now());
        } finally {
            look();
        }
    }

    /** What is certain so far. */
    public Hold snapshot() {
        return new Hold(
                contender,
                lease.key(),
                token,
                asked,
                from,
                until.get(),
                open.get(),
                lost.get(),
                releasing.get(),
                released.get());
    }

    @Override
    public String toString() {
        return snapshot().describe();
    }
}
