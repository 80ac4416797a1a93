package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a read asks of the servers. A leader may be later than its followers in applying what all have agreed on, and
 * answers a {@code sync} at once: on three servers, with the leader slowed to a tenth of a processor, 8 of 2,921 reads behind a
 * {@code sync} missed what had been acknowledged to another client. Only a transaction has its place behind all others.
 */
@Timeout(120)
class ZooKeeperReadsTest {
    private static final Pattern LAST = Pattern.compile("Zxid: 0x([0-9a-f]+)");
    private static final Key KEY = Key.of("a/b");
    private static final int READS = 20;

    @Test
    void aReadOfSeveralServersIsATransaction() throws IOException {
        try (ZooKeeperStore store = ZooKeeperStore.startCluster(3);
                Backend backend = open(store, "linearizable")) {
            assertThat(written(store, backend)).isGreaterThanOrEqualTo(2 * READS);
        }
    }

    @Test
    void aReadOfOneServerWritesNothing() throws IOException {
        try (ZooKeeperStore store = ZooKeeperStore.start();
                Backend backend = open(store, "linearizable")) {
            assertThat(written(store, backend)).isLessThanOrEqualTo(2); // before it is known that the server is alone
            assertThat(written(store, backend)).isZero();
        }
    }

    private static Backend open(ZooKeeperStore store, String consistency) {
        Backend backend =
                Backends.load().open("zookeeper", Map.of("endpoints", store.endpoints(), "consistency", consistency));
        backend.put(Entry.of(KEY, new byte[] {1}));
        return backend;
    }

    /** By how many transactions the store goes on in so many reads and listings. */
    private static long written(ZooKeeperStore store, Backend backend) throws IOException {
        long before = last(store);
        for (int i = 0; i < READS; i++) {
            assertThat(backend.get(KEY)).isPresent();
            assertThat(backend.list(Prefix.ROOT)).containsExactly("a/");
        }
        return last(store) - before;
    }

    /** The latest transaction that any of the servers knows. */
    private static long last(ZooKeeperStore store) throws IOException {
        long latest = 0;
        for (String endpoint : store.endpoints().split(",", -1)) {
            int port = Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                Matcher zxid = LAST.matcher(answer);
                assertThat(zxid.find()).as(answer).isTrue();
                latest = Math.max(latest, Long.parseLong(zxid.group(1), 16));
            }
        }
        return latest;
    }
}
