package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.tck.stores.EtcdStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Three processes over an etcd, as operators run them. */
class EtcdClusterTest {
    private static final Logger log = LoggerFactory.getLogger(EtcdClusterTest.class);

    /** What a step-down is there to save. */
    private static final long LOCK_TTL = 2_000;

    /** As in rule LV-01: with etcd's step of half a second, and one second. */
    private static final long LONGEST_AFTER_KILL = LOCK_TTL + 500 + 1_000;

    @Test
    void aWriterLosesNothingWhenTheActiveStepsDownOrIsKilled(@TempDir Path directory) throws Exception {
        try (EtcdStore etcd = EtcdStore.start()) {
            List<ServerProcess> servers = new ArrayList<>();
            try {
                for (int i = 0; i < 3; i++) {
                    servers.add(new ServerProcess(directory, """
                            storage "etcd" {
                              endpoints = "%s"
                              path = "server/"
                              lock_ttl = "2s"
                              request_timeout = "2s"
                            }
                            """.formatted(etcd.endpoints())));
                }
                servers.forEach(ServerProcess::awaitListening);
                check(servers);
            } finally {
                servers.forEach(ServerProcess::close);
            }
        }
    }

    private static void check(List<ServerProcess> servers) throws InterruptedException {
        assertThat(servers.get(0).log())
                .contains("Storage: etcd (HA available)")
                .contains("Fencing: fenced");
        JsonNode made = servers.get(0)
                .client("")
                .put("sys/init", "{\"secret_shares\":1,\"secret_threshold\":1}")
                .json();
        String token = made.get("root_token").asText();
        String unseal = "{\"key\":\"" + made.at("/keys/0").asText() + "\"}";
        servers.forEach(one -> one.client("").put("sys/unseal", unseal));
        Servers.await(
                "one is active",
                () -> servers.stream().anyMatch(one -> one.client("").isActive()));

        try (Writer writer =
                new Writer(servers.stream().map(one -> one.client("").address()).toList(), token)) {
            writer.awaitMore(50);
            long steppedDown = System.nanoTime();
            assertThat(active(servers).client(token).put("sys/step-down", "").status())
                    .isEqualTo(204);
            writer.awaitMore(50);
            long handOver = writer.longestGapAfter(steppedDown);

            ServerProcess killed = active(servers);
            long killedAt = System.nanoTime();
            killed.kill();
            writer.awaitMore(50);
            long takeOver = writer.longestGapAfter(killedAt);
            int last = writer.stop();
            log.warn("{} writes; outage {} ms after step-down, {} ms after kill -9", last, handOver, takeOver);

            assertThat(handOver).as("ms without a write after a step-down").isLessThan(LOCK_TTL);
            assertThat(takeOver).as("ms without a write after a kill").isLessThan(LONGEST_AFTER_KILL);
            ServerProcess left =
                    servers.stream().filter(one -> one != killed).findFirst().orElseThrow();
            for (int n = 1; n <= last; n++) {
                JsonNode read = left.client(token).get("secret/written/" + n).json();
                assertThat(read.at("/data/n").asInt())
                        .as("acknowledged write %s", n)
                        .isEqualTo(n);
            }
        }
    }

    private static ServerProcess active(List<ServerProcess> servers) {
        Servers.await(
                "one is active",
                () -> servers.stream().anyMatch(one -> one.client("").isActive()));
        return servers.stream()
                .filter(one -> one.client("").isActive())
                .findFirst()
                .orElseThrow();
    }
}
