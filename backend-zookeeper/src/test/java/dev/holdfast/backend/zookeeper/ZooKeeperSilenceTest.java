package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.FaultProxy;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A server that is silent, while another one answers. ZooKeeper's client alone leaves it after two thirds of the TTL. */
class ZooKeeperSilenceTest {
    private static final Duration TTL = Duration.ofSeconds(10);

    @Test
    void aSilentServerIsLeftBeforeTheLeaseIsOver() throws Exception {
        try (ZooKeeperStore store = ZooKeeperStore.start();
                FaultProxy first = proxy(store);
                FaultProxy second = proxy(store)) {
            String servers = "127.0.0.1:" + first.port() + ",127.0.0.1:" + second.port();
            Map<String, String> options = Map.of("endpoints", servers, "lock_ttl", TTL.toSeconds() + "s");
            try (HABackend backend = (HABackend) Backends.load().open("zookeeper", options);
                    Lease lease = backend.lock(Key.of("lock"), "me").acquire()) {
                // Both sessions may be on one server; whichever it is, the lock's session has to move once.
                for (FaultProxy silent : List.of(first, second)) {
                    silent.apply(Fault.BLACK_HOLE);
                    awaitRenewal(lease);
                    silent.heal();
                }
            }
        }
    }

    /** Returns when a renewal counts that was sent from now on: it alone moves the deadline so far. */
    private static void awaitRenewal(Lease lease) throws InterruptedException {
        long start = System.nanoTime();
        while (System.nanoTime() + lease.remaining().toNanos() - start <= TTL.toNanos()) {
            assertThat(lease.isHeld())
                    .as("the lease while it waits for a renewal")
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static FaultProxy proxy(ZooKeeperStore store) {
        String[] address = store.endpoints().split(":", -1);
        return FaultProxy.to(address[0], Integer.parseInt(address[1]));
    }
}
