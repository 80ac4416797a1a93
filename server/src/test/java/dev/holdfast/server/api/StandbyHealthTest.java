package dev.holdfast.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ha.HAStorage;
import dev.holdfast.server.barrier.FlakyStorage;
import dev.holdfast.server.cluster.Identity;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.cluster.Readiness;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a standby says of itself while the active has no trouble at all. */
class StandbyHealthTest {
    private final String store = "health-" + UUID.randomUUID();
    private final HABackend locks = (HABackend) open();
    private final Cut activesStorage = new Cut(open());
    private final Cut standbysStorage = new Cut(open());
    private final HAStorage activesPair =
            HAStorage.of(activesStorage).haStorage(locks).build();
    private final HAStorage standbysPair =
            HAStorage.of(standbysStorage).haStorage(locks).build();
    private final Node active = node(activesPair);
    private final Node standby = node(standbysPair);

    private Backend open() {
        return Backends.load().open("inmem", Map.of("store", store));
    }

    private Node node(HAStorage pair) {
        return new Node(new Identity(null, null, "host", "1"), pair, locks, certificate -> () -> {});
    }

    /** One node's way to the store, which ends for some of what is there. */
    private static final class Cut extends FlakyStorage {
        private volatile String lost = "nothing";

        Cut(Backend storage) {
            super(storage);
        }

        @Override
        public Optional<Entry> get(Key key) {
            if (key.path().startsWith(lost)) {
                throw new BackendException.Unavailable(
                        Operation.at("flaky", "storage").on("get", key), "it does not answer", null);
            }
            return super.get(key);
        }
    }

    @BeforeEach
    void unsealBoth() throws Exception {
        byte[] key = active.initialize(1, 1, Optional.empty(), storage -> {}).get(0);
        active.unseal(active.seal().config().orElseThrow(), key.clone());
        await("one is active", () -> status(active) == 200);
        standby.unseal(standby.seal().config().orElseThrow(), key.clone());
        await("the other stands by", () -> status(standby) == 473);
    }

    @AfterEach
    void close() {
        standby.close();
        active.close();
        standbysPair.close();
        activesPair.close();
        standbysStorage.close();
        activesStorage.close();
        locks.close();
    }

    private static Answer health(Node node) {
        return new HealthApi(node, "test", true)
                .health(new Call(Verb.READ, "sys/health", Map.of(), "", () -> new byte[0]));
    }

    private static int status(Node node) {
        return health(node).status();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat((System.nanoTime() - began) / 1_000_000).as(what).isLessThan(30_000);
            Thread.sleep(20);
        }
    }

    @Test
    void aStandbyThatHasLostItsStoreSaysSoUntilItIsBack() throws Exception {
        await("it is up", () -> standby.readiness().stage() == Readiness.Stage.UP);
        standbysStorage.lost = "core/";

        await("it says so", () -> status(standby) == 474);
        assertThat(standby.readiness().stage())
                .as("as whoever replaces one node after the other is told")
                .isEqualTo(Readiness.Stage.DOWN);
        assertThat(standby.cluster().orElseThrow().reachesActive())
                .as("it knows the active, which serves")
                .isTrue();
        assertThat(status(active)).isEqualTo(200);

        standbysStorage.lost = "nothing";
        await("it is fine again", () -> status(standby) == 473);
    }

    @Test
    void aStandbyThatCannotGetTheKeysSaysSo() throws Exception {
        try (Backend raw = open()) {
            raw.put(Entry.of(Key.of("core/keyring"), new byte[40]));
        }

        await("it says so", () -> status(standby) == 474);
    }
}
