package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.stores.EtcdStore;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Storage and the essence of locks, against a real Ceph; {@code ./holdfast tck s3} checks every rule.
 */
class S3ConformanceTest extends BackendConformance {
    private static final Key KEY = Key.of("dir/key");
    private static final Key LOCK = Key.of("lock");

    private final S3Harness harness = new S3Harness();

    @Override
    protected Harness harness() {
        return harness;
    }

    @Override
    protected String rulesToCheck() {
        return "H-01,H-04,KV-01,KV-03,KV-04,KV-05,KV-06,KV-08,LS-01,LS-03,ER-01,ER-02,ER-03,ER-05,HA-02,LO-01,LO-02,LO-03,FN-02,LC-02,LC-03";
    }

    /** Options with which a machine that stalls ends neither a call nor a lease. */
    private Map<String, String> patient(String path) {
        Map<String, String> options = new HashMap<>(harness.optionsFor(path));
        options.put("lock_ttl", "60s");
        options.put("request_timeout", "30s");
        return options;
    }

    /** Also here because a Ceph is at hand: what a real store says to a wrong configuration, and what we make of it. */
    @Test
    void aMissingBucketAndWrongKeysAreNamed() {
        Map<String, String> options = patient("wrong");
        options.put("ha_enabled", "false");
        options.put("bucket", "no-such-bucket");
        try (Backend backend = Backends.load().open("s3", options)) {
            assertThatThrownBy(() -> backend.get(KEY))
                    .isInstanceOf(BackendException.Unavailable.class)
                    .hasMessageContaining("the bucket 'no-such-bucket' does not exist");
            assertThatThrownBy(() -> backend.put(Entry.of(KEY, new byte[1])))
                    .isInstanceOf(BackendException.Unavailable.class);
        }
        options.putAll(patient("wrong"));
        options.put("access_key", "nobody");
        try (Backend backend = Backends.load().open("s3", options)) {
            assertThatThrownBy(() -> backend.put(Entry.of(KEY, new byte[1])))
                    .isInstanceOf(BackendException.AccessDenied.class)
                    .hasMessageContaining("InvalidAccessKeyId");
        }
    }

    /** Also here because a Ceph is at hand: it answers in XML, which does not allow every character of a key. */
    @Test
    void keysWithCharactersThatXmlDoesNotAllowAreListedAsOthers() {
        Map<String, String> options = patient("odd");
        options.put("ha_enabled", "false");
        try (Backend backend = Backends.load().open("s3", options)) {
            OddNames.check(backend);
            assertThat(backend.get(Key.of("absent/\uFFFE"))).isEmpty();
            backend.delete(Key.of("absent/\uFFFE"));
        }
    }

    /** Here because a Ceph is at hand: all of this project's backends, found and used in one JVM at the same time. */
    @Test
    void everyBackendWorksBesideTheOthers() throws Exception {
        Backends backends = Backends.load();
        assertThat(backends.types()).contains("etcd", "inmem", "s3", "zookeeper");
        assertThat(backends.problems()).isEmpty();
        Map<String, HABackend> open = new LinkedHashMap<>();
        List<Lease> held = new ArrayList<>();
        try (EtcdStore etcd = EtcdStore.start();
                ZooKeeperStore zooKeeper = ZooKeeperStore.start()) {
            Map<String, String> s3 = patient("beside");
            s3.remove("lock_probe"); // Ceph passes the one that is usual, too
            Map<String, Map<String, String>> options = Map.of(
                    "etcd", Map.of("endpoints", etcd.endpoints(), "request_timeout", "30s"),
                    "inmem", Map.of(),
                    "s3", s3,
                    "zookeeper", Map.of("endpoints", zooKeeper.endpoints(), "request_timeout", "30s"));
            try {
                options.forEach((type, config) -> open.put(type, (HABackend) backends.open(type, config)));
                for (Map.Entry<String, HABackend> each : open.entrySet()) {
                    HABackend backend = each.getValue();
                    Entry entry = Entry.of(KEY, new byte[] {1, 2, 3});
                    backend.put(entry);
                    assertThat(backend.get(KEY)).as(each.getKey()).contains(entry);
                    assertThat(backend.list(Prefix.ROOT)).as(each.getKey()).containsExactly("dir/");
                    Lease lease = backend.lock(LOCK, each.getKey()).acquire();
                    held.add(lease);
                    assertThat(backend.lock(LOCK, "asks").holder())
                            .as(each.getKey())
                            .contains(new Holder(each.getKey(), lease.token()));
                }
                assertThat(held).hasSize(4).allMatch(Lease::isHeld);
            } finally {
                open.values().forEach(HABackend::close);
            }
            assertThat(held).noneMatch(Lease::isHeld);
        }
    }
}
