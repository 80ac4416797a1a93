package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One time of being active: what the service gets when it begins. Safe for use by any number of threads. */
public final class Term {
    /** How a term ends; the first one stands. */
    record Ending(HAEvent.Kind kind, String why, Duration pause) {
        Ending(HAEvent.Kind kind, String why) {
            this(kind, why, Duration.ZERO);
        }

        /** Whether the service may finish what it has begun before the lock goes to somebody else. */
        boolean isOrderly() {
            return switch (kind) {
                case STEPPED_DOWN, CLOSED, FAILED -> true;
                default -> false;
            };
        }
    }

    private final Lease lease;
    private final HALock lock;
    private final Events events;
    private final Guard guard;
    private final CompletableFuture<Ending> end = new CompletableFuture<>();
    private volatile @Nullable Backend storage;

    Term(HAStorage pair, Lease lease, HALock lock, Events events) {
        this.lease = lease;
        this.lock = lock;
        this.events = events;
        this.guard =
                pair.guard(lease, fenced -> end(new Ending(HAEvent.Kind.FENCED, String.valueOf(fenced.getMessage()))));
        var unused = lease.lost().thenAccept(loss -> end(new Ending(HAEvent.Kind.LEASE_LOST, describe(loss))));
    }

    private static String describe(Loss loss) {
        return loss.reason() + ": " + loss.detail();
    }

    /**
     * The lease of this term. Releasing it is asking the node to {@linkplain HANode#stepDown() step down}: it stops the
     * service first.
     */
    public Lease lease() {
        return new Own();
    }

    /**
     * Storage, for this term only. Writes throw {@link dev.holdfast.spi.BackendException.Fenced}, applied nowhere, from
     * the moment the lease is not held, or storage knows of a successor. In a {@linkplain Protection#BOUNDED bounded} pair
     * a write throws {@code Unavailable} when less of the lease is left than it may take, or this node could not show in
     * storage for half a {@code lock_ttl} that it still holds the lock; and it ends at its deadline. Reads
     * are not guarded; ask {@link #isActive()} after a read whose answer must not be an old one.
     *
     * @throws IllegalStateException when the takeover is not done yet; never within the callbacks
     */
    public Backend storage() {
        Backend safe = storage;
        if (safe == null) {
            throw new IllegalStateException("storage is not taken over yet");
        }
        return safe;
    }

    /**
     * Whether the service may accept work as the active: the lease is held and nothing ends the term. Once false, false
     * for ever. Local, never blocks.
     */
    public boolean isActive() {
        return !end.isDone() && lease.isHeld();
    }

    void taken(Backend safe) {
        storage = safe;
    }

    long token() {
        return lease.token();
    }

    boolean isHeld() {
        return lease.isHeld();
    }

    Guard guard() {
        return guard;
    }

    /** Ends the term, unless it has ended. */
    boolean end(Ending ending) {
        return end.complete(ending);
    }

    /** Waits for the end, but no longer than this; notices a loss that nobody was told of. */
    Optional<Ending> awaitEnd(Duration longest) throws InterruptedException {
        try {
            return Optional.of(end.get(longest.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            if (lease.isHeld()) {
                return Optional.empty();
            }
            end(new Ending(HAEvent.Kind.LEASE_LOST, "the lease is not held any more"));
            return Optional.of(end.join());
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of a term is never an exception", e);
        }
    }

    void waiting(String why) {
        events.happened(HAEvent.Kind.LOCK_DELAY, lease.token(), why);
    }

    Optional<Holder> askHolder() {
        return lock.holder();
    }

    void release() {
        lease.release();
    }

    @Override
    public String toString() {
        return "term of " + lease;
    }

    private final class Own implements Lease {
        @Override
        public Key key() {
            return lease.key();
        }

        @Override
        public long token() {
            return lease.token();
        }

        @Override
        public boolean isHeld() {
            return lease.isHeld();
        }

        @Override
        public Duration remaining() {
            return lease.remaining();
        }

        @Override
        public CompletionStage<Loss> lost() {
            return lease.lost();
        }

        @Override
        public void release() {
            end(new Ending(HAEvent.Kind.STEPPED_DOWN, "the service released the lease"));
        }

        @Override
        public String toString() {
            return lease.toString();
        }
    }
}
