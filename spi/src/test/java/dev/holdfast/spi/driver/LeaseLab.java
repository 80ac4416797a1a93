package dev.holdfast.spi.driver;

import dev.holdfast.spi.Key;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Loss.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** Sessions that a test ends, and leases in them. */
abstract class LeaseLab {
    static final Key KEY = Key.of("core/lock");
    static final Duration TTL = Duration.ofSeconds(10);

    /** Of the ten seconds one is the margin. */
    static final Duration VALID = Duration.ofSeconds(9);

    static final Loss REVOKED = new Loss(Reason.REVOKED, "an administrator did it");

    final LeaseThreads threads = new LeaseThreads("test");
    final List<Loss> ends = new CopyOnWriteArrayList<>();
    final AtomicInteger releases = new AtomicInteger();
    final CountDownLatch unblock = new CountDownLatch(1);

    @AfterEach
    void stop() {
        unblock.countDown();
        threads.close();
    }

    LeaseSession sessionSentBefore(Duration age) {
        return new LeaseSession(threads, TTL, System.nanoTime() - age.toNanos(), ends::add);
    }

    SessionLease grant(LeaseSession session) {
        return session.grant(KEY, 7, releases::incrementAndGet).orElseThrow();
    }

    /** As in a process that is short of time: what is due happens later. */
    void holdUpTheTimer() throws Exception {
        CompletableFuture<Void> held = new CompletableFuture<>();
        threads.after(0, () -> {
            held.complete(null);
            block();
        });
        Waits.within(held);
    }

    void block() {
        try {
            unblock.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
