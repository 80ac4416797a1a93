package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.HAStorage;
import dev.holdfast.server.barrier.FlakyStorage;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NodeTest {
    private static Backend open() {
        return Backends.load().open("inmem", Map.of("store", "node-" + UUID.randomUUID()));
    }

    @Test
    void anActiveStaysWhenStorageFailsWhileItTidiesUp() throws Exception {
        Backend storage = new FlakyStorage(open()) {
            @Override
            public List<String> list(Prefix prefix, String after, int limit) {
                if (prefix.path().equals("core/leader/")) {
                    throw new BackendException.Unavailable(
                            Operation.at("flaky", "storage").on("list", prefix), "it does not answer", null);
                }
                return super.list(prefix, after, limit);
            }
        };
        HABackend locks = (HABackend) open();
        BlockingQueue<HAEvent.Kind> events = new LinkedBlockingQueue<>();
        try (HAStorage pair = HAStorage.of(storage).haStorage(locks).build();
                Node node = new Node(new Identity(null, null, "host", "1"), pair, locks, certificate -> () -> {})) {
            node.onEvent(event -> events.add(event.kind()));
            byte[] key = node.initialize(1, 1, Optional.empty(), first -> {}).get(0);

            node.unseal(node.seal().config().orElseThrow(), key);

            HAEvent.Kind kind = HAEvent.Kind.STANDBY;
            while (kind == HAEvent.Kind.STANDBY || kind == HAEvent.Kind.WON || kind == HAEvent.Kind.LOCK_DELAY) {
                kind = events.poll(20, TimeUnit.SECONDS);
                if (kind == null) {
                    fail("it did not become active");
                }
            }
            assertThat(kind).isEqualTo(HAEvent.Kind.ACTIVE);
            assertThat(node.state()).isEqualTo("active");
        } finally {
            locks.close();
            storage.close();
        }
    }
}
