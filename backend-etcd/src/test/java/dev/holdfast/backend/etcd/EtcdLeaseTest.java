package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a holder sees of what etcd says of its lease; a server on loopback says it. */
@Timeout(60)
class EtcdLeaseTest {
    private static final Key LOCK = Key.of("lock");
    private static final Duration TTL = Duration.ofSeconds(8);

    private final FakeEtcd etcd = new FakeEtcd();
    private FakeServer server;
    private HABackend backend;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer(0);
        server.reads = etcd::read;
        server.transactions = etcd::commit;
        server.renewals = TTL::toSeconds;
        backend = open(TTL);
    }

    private HABackend open(Duration ttl) {
        return server.open(Map.of("lock_ttl", ttl.toSeconds() + "s", "request_timeout", "20s"));
    }

    @AfterEach
    void stop() {
        backend.close();
        server.close();
    }

    @Test
    void aLeaseThatEtcdNoLongerKnowsIsLostAtItsNextRenewal() throws Exception {
        server.renewals = () -> 0;
        try (Lease lease = backend.lock(LOCK, "me").acquire()) {
            Loss loss = lease.lost().toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertThat(loss.reason()).isEqualTo(Loss.Reason.REVOKED);
            assertThat(loss.toString()).contains("etcd no longer knows the lease 1");
            assertThat(lease.isHeld()).isFalse();
        }
    }

    /** It was restored before the holder began to watch its entry, and has not come to where the watch begins. */
    @Test
    void aLockThatWasWonInALaterStateOfTheStoreIsLost() throws Exception {
        server.watches = () -> WatchResponse.newBuilder().setCreated(true).build();
        try (Lease lease = backend.lock(LOCK, "me").acquire()) {
            etcd.keys.clear();
            Loss loss = lease.lost().toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertThat(loss.reason()).isEqualTo(Loss.Reason.REVOKED);
        }
    }

    @Test
    void aLeaseThatIsShorterThanAskedForEndsAsGranted() throws Exception {
        server.grants = asked -> 2;
        server.renewals = () -> {
            throw Status.PERMISSION_DENIED.asRuntimeException();
        };
        long asked = System.nanoTime();
        try (Lease lease = backend.lock(LOCK, "me").acquire()) {
            assertThat(lease.remaining()).isLessThan(Duration.ofSeconds(2));
            Loss loss = lease.lost().toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertThat(loss.reason()).isEqualTo(Loss.Reason.EXPIRED);
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(TTL.minusSeconds(1));
        }
    }

    /** A leader that finds itself deposed says so instead of renewing; another one may renew at once. */
    @Test
    void aRenewalThatADeposedLeaderRefusesIsAskedForAgainAtOnce() throws Exception {
        Duration ttl = Duration.ofSeconds(20);
        Duration period = ttl.dividedBy(4);
        BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
        AtomicInteger deposed = new AtomicInteger(1);
        server.renewals = () -> {
            asked.add(System.nanoTime());
            if (deposed.getAndDecrement() > 0) {
                throw Status.UNKNOWN.withDescription("not a primary lessor").asRuntimeException();
            }
            return ttl.toSeconds();
        };
        try (HABackend holder = open(ttl);
                Lease lease = holder.lock(LOCK, "me").acquire()) {
            long refused = asked.take();
            assertThat(Duration.ofNanos(asked.take() - refused)).isLessThan(period.minusSeconds(1));
            assertThat(lease.isHeld()).isTrue();
        }
    }

    /** When etcd is back it gives each lease its whole time again, so whoever knows that one is dead has to say so. */
    @Test
    void aLeaseThatRanOutInAnOutageIsRevokedHoweverLongThatWas() throws Exception {
        Duration ttl = Duration.ofSeconds(2);
        BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
        server.renewals = ttl::toSeconds;
        try (HABackend holder = server.open(Map.of("lock_ttl", ttl.toSeconds() + "s", "request_timeout", "1s"));
                Lease lease = holder.lock(LOCK, "me").acquire()) {
            server.renewals = () -> {
                throw Status.UNAVAILABLE.asRuntimeException();
            };
            server.revocations = () -> {
                asked.add(System.nanoTime());
                throw Status.UNAVAILABLE.asRuntimeException();
            };
            var unused = lease.lost().toCompletableFuture().get(20, TimeUnit.SECONDS);
            long lost = System.nanoTime();
            Long last = lost;
            while (last - lost < ttl.multipliedBy(3).toNanos()) {
                last = asked.poll(20, TimeUnit.SECONDS);
                assertThat(last).as("when its revocation was asked for again").isNotNull();
            }
        }
    }
}
