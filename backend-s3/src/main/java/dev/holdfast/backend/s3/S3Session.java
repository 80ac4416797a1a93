package dev.holdfast.backend.s3;

import dev.holdfast.backend.s3.S3LockObject.Seen;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.LeaseSession;
import dev.holdfast.spi.driver.LeaseThreads;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * One lock while it is held: its object is rewritten again and again, each time only if nobody else did so, and looked
 * at in between, so that its removal is noticed.
 */
final class S3Session {
    private static final Duration LONGEST_LOOK = Duration.ofMillis(400);

    private final S3LockObject lock;
    private final S3Client client;
    private final LeaseThreads threads;
    private final Consumer<Seen> freed;
    private final LeaseSession leases;
    private final Duration ttl;
    private final Duration tick;

    /** The last write of ours that is known to stand, or to have stood. */
    private volatile Seen current;

    /** When each of our writes was sent, by its turn; older ones than the current one are dropped. */
    private final Map<Long, Long> sent = new ConcurrentHashMap<>();

    private final AtomicBoolean ending = new AtomicBoolean();
    private final CompletableFuture<Void> withdrawn = new CompletableFuture<>();
    private final AtomicLong turn;
    private volatile long lastSent;
    private volatile boolean looking;

    /**
     * A lock that was just won.
     *
     * @param won what was written
     * @param sentNanos when it was sent
     * @param freed told what is written when the lock is freed
     */
    S3Session(
            S3LockObject lock,
            S3Client client,
            LeaseThreads threads,
            Duration poll,
            Seen won,
            long sentNanos,
            Consumer<Seen> freed) {
        this.lock = lock;
        this.client = client;
        this.threads = threads;
        this.freed = freed;
        this.ttl = won.record().ttl();
        this.current = won;
        this.lastSent = sentNanos;
        this.turn = new AtomicLong(won.record().turn());
        sent.put(turn.get(), sentNanos);
        leases = new LeaseSession(threads, ttl, sentNanos, loss -> {
            var unused = withdraw();
        });
        Duration shorter = poll.compareTo(LONGEST_LOOK) < 0 ? poll : LONGEST_LOOK;
        Duration period = leases.renewalPeriod();
        tick = period.compareTo(shorter) < 0 ? period : shorter;
    }

    void begin() {
        later();
    }

    /** The lease that was won in this session. */
    LeaseSession leases() {
        return leases;
    }

    private void later() {
        try {
            threads.after(tick.toNanos(), this::tick);
        } catch (RejectedExecutionException e) {
            leases.end(new Loss(Loss.Reason.CLOSED, "the backend was closed"));
        }
    }

    private void tick() {
        if (ending.get() || !leases.isAlive()) {
            return;
        }
        later();
        if (System.nanoTime() - lastSent
                >= leases.renewalPeriod().minus(tick.dividedBy(2)).toNanos()) {
            renew();
        } else if (!looking) {
            look();
        }
    }

    /** One renewal, which may hang or fail: the next one comes all the same. */
    private void renew() {
        Seen base = current;
        S3Record next = base.record().renewed(turn.incrementAndGet());
        long now = System.nanoTime();
        lastSent = now;
        sent.put(next.turn(), now);
        S3Call.whenDone(lock.swap(base.etag(), next, now + ttl.toNanos()), (written, failure) -> {
            if (failure == null && written.isPresent()) {
                adopt(written.get());
            } else if (failure == null) {
                look(); // by an earlier renewal of our own, or by somebody else?
            }
        });
    }

    private void look() {
        looking = true;
        S3Call.whenDone(lock.look(current, client.end()), (seen, failure) -> {
            looking = false;
            if (failure != null || ending.get()) {
                return;
            }
            if (seen.record().isHeldBy(current.record().writer())) {
                adopt(seen);
            } else {
                leases.end(new Loss(
                        Loss.Reason.REVOKED,
                        seen.etag() == null ? "the lock's object was deleted" : "the lock's object was replaced"));
            }
        });
    }

    /** Takes note of a write of ours that stood; answers may come in another order than the writes. */
    private synchronized void adopt(Seen seen) {
        long newer = seen.record().turn();
        Long at = sent.get(newer);
        if (newer > current.record().turn()) {
            current = seen;
            sent.keySet().removeIf(older -> older < newer);
            if (at != null) {
                leases.renewed(at);
            }
        }
    }

    /** Frees the lock, once. Completes when that is confirmed, or no longer matters. */
    CompletableFuture<Void> withdraw() {
        if (ending.compareAndSet(false, true)) {
            Seen last = current;
            S3Withdrawal withdrawal = new S3Withdrawal(
                    lock, client, threads, last, last.record().freed(turn.incrementAndGet()), ttl, freed);
            S3Call.whenDone(withdrawal.start(), (done, failure) -> {
                if (failure == null) {
                    withdrawn.complete(null);
                } else {
                    withdrawn.completeExceptionally(failure);
                }
            });
        }
        return withdrawn();
    }

    /** As what {@link #withdraw()} returns, without starting it. */
    CompletableFuture<Void> withdrawn() {
        return withdrawn.copy(); // because who waits for it may cancel it
    }
}
