package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Lease;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What a holder can see of its lease's renewals. */
final class Renewals {
    private Renewals() {}

    /** Returns when a renewal was answered, which alone makes what remains more; fails when the lease is lost before. */
    static void awaitOne(Lease lease) throws InterruptedException {
        Duration left = lease.remaining();
        Duration before;
        do {
            assertThat(lease.isHeld()).as("the lease before it is renewed").isTrue();
            TimeUnit.MILLISECONDS.sleep(5);
            before = left;
            left = lease.remaining();
        } while (left.compareTo(before) <= 0);
    }
}
