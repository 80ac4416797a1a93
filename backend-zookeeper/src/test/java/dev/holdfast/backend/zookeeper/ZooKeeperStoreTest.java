package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tck.stores.ZooKeeperStore;
import org.junit.jupiter.api.Test;

/** The container comes up, does work, keeps its port over a restart, and is what it says. */
class ZooKeeperStoreTest {
    @Test
    void answersAgainAfterAKill() {
        try (ZooKeeperStore store = ZooKeeperStore.start()) {
            assertThat(store.product()).startsWith("ZooKeeper 3.");
            store.control().restart();
            assertThat(store.product()).startsWith("ZooKeeper 3.");
        }
    }
}
