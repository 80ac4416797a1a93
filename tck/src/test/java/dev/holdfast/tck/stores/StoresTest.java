package dev.holdfast.tck.stores;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The containers come up, do work, keep their port and their data over a restart, and are what they say. */
class StoresTest {
    @Test
    void etcdKeepsItsDataOverAKill() {
        try (EtcdStore store = EtcdStore.start()) {
            assertThat(store.product()).startsWith("etcd 3.");
            String endpoint = store.endpoints();
            store.etcdctl("put", "kept", "yes");
            store.control().restart();
            assertThat(store.endpoints()).isEqualTo(endpoint);
            assertThat(store.etcdctl("get", "kept", "--print-value-only").strip())
                    .isEqualTo("yes");
            store.control().pause();
            int port = Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
            assertThat(Probe.get(port, "/health")).as("while it is paused").isEmpty();
            store.control().resume();
            assertThat(Probe.get(port, "/health")).as("after it was resumed").contains("true");
        }
    }

    @Test
    void etcdCanAskForAPassword() {
        try (EtcdStore store = EtcdStore.startWithPassword("right")) {
            assertThat(store.etcdctl("--user", "root:right", "put", "a", "b")).contains("OK");
        }
    }

    @Test
    void zooKeeperAnswersAgainAfterAKill() {
        try (ZooKeeperStore store = ZooKeeperStore.start()) {
            assertThat(store.product()).startsWith("ZooKeeper 3.");
            store.control().restart();
            assertThat(store.product()).startsWith("ZooKeeper 3.");
        }
    }

    @Test
    void cephServesItsBucketAgainAfterARestart() {
        try (CephStore store = CephStore.start()) {
            assertThat(store.product()).startsWith("Ceph RGW 18");
            store.control().restart();
            assertThat(store.product()).startsWith("Ceph RGW 18");
        }
    }
}
