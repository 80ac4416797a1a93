package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ha.HAStorage;
import dev.holdfast.server.barrier.SealConfig;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** When a standby that is to hear its active is up. */
class CatchingUpTest {
    /** A port of a node that has heartbeats, for which this test stands in. */
    private static final class BothWays implements ClusterPort {
        @Override
        public Open open(TermCertificate certificate) {
            return () -> {};
        }

        @Override
        public boolean isBothWays() {
            return true;
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (long began = System.nanoTime(); !condition.getAsBoolean(); Thread.sleep(5)) {
            assertThat(System.nanoTime() - began).isLessThan(20_000_000_000L);
        }
    }

    private static Node node(HAStorage pair, HABackend locks) {
        URI address = URI.create("https://127.0.0.1:1");
        return new Node(new Identity(null, address, "host", "1"), pair, locks, new BothWays());
    }

    @Test
    void itHasHeardThePresentActiveAndHasItsNewestKey() throws Exception {
        String store = "up-" + UUID.randomUUID();
        try (HABackend locks = (HABackend) Backends.load().open("inmem", Map.of("store", store));
                HAStorage pair = HAStorage.of(locks).build();
                Node first = node(pair, locks);
                Node second = node(pair, locks)) {
            byte[] key = first.initialize(1, 1, Optional.empty(), written -> {}).get(0);
            SealConfig config = first.seal().config().orElseThrow();
            first.unseal(config, key.clone());
            await(() -> first.state().equals("active"));
            second.unseal(config, key);
            ClusterNode standby = second.cluster().orElseThrow();
            await(() -> standby.leader().isPresent());
            long token = standby.leader().orElseThrow().token();

            assertThat(second.readiness().stage()).isEqualTo(Readiness.Stage.INITIALIZING);
            standby.peers().beat(new Heartbeat(token, 2, System.nanoTime(), 1, 0, List.of()));
            assertThat(second.readiness().stage()).as("a key is missing").isEqualTo(Readiness.Stage.INITIALIZING);
            standby.peers().beat(new Heartbeat(token - 1, 1, System.nanoTime(), 1, 0, List.of()));
            assertThat(second.readiness().stage()).as("of another active").isEqualTo(Readiness.Stage.INITIALIZING);
            standby.peers().beat(new Heartbeat(token, 1, System.nanoTime(), 1, 0, List.of()));
            assertThat(second.readiness().stage()).isEqualTo(Readiness.Stage.UP);
            assertThat(OutOfSync.count(second)).isZero();
        }
    }
}
