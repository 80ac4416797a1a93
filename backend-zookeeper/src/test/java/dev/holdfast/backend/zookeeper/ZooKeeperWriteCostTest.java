package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.faults.TcpLink;
import dev.holdfast.tck.faults.Traffic;
import dev.holdfast.tck.stores.ZooKeeperStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What puts cost a real server, counted between it and the client. */
@Timeout(120)
class ZooKeeperWriteCostTest {
    private static final int PUTS = 160;
    private static final int WRITERS = 16;
    private static final byte[] VALUE = new byte[2_000];

    private static ZooKeeperStore store;
    private static TcpLink link;
    private static Backend backend;

    @BeforeAll
    static void startStore() {
        store = ZooKeeperStore.start();
        // A session so long that no ping comes in between.
        Map<String, String> options =
                Map.of("endpoints", store.endpoints(), "session_timeout", "60s", "request_timeout", "20s");
        link = TcpLink.between(Backends.load().provider("zookeeper").options(), options);
        backend = Backends.load().open("zookeeper", link.options());
        put("warm/up");
        put("warm/up");
    }

    @AfterAll
    static void stopStore() {
        backend.close();
        link.close();
        store.close();
    }

    private static void put(String path) {
        backend.put(Entry.of(Key.of(path), VALUE));
    }

    private static Traffic cost(Runnable work) {
        Traffic before = link.traffic();
        work.run();
        return link.traffic().since(before);
    }

    private static void putAlone(String directory) {
        for (int i = 0; i < PUTS; i++) {
            put(directory + "/k" + i);
        }
    }

    private static void putTogether(String directory) {
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try {
            List<CompletableFuture<Void>> puts = new ArrayList<>();
            for (int i = 0; i < PUTS; i++) {
                String path = directory + "/k" + i;
                puts.add(CompletableFuture.runAsync(() -> put(path), writers));
            }
            CompletableFuture.allOf(puts.toArray(CompletableFuture[]::new))
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
        } finally {
            writers.shutdownNow();
        }
    }

    @Test
    void aPutOfAKeyThatIsThereIsOneRequest() {
        put("known/key");
        Traffic cost = cost(() -> {
            for (int i = 0; i < 10; i++) {
                put("known/key");
            }
        });
        assertThat(cost.turns()).isEqualTo(10);
    }

    @Test
    void newKeysOfOneDirectoryCostOneRequestEachOnceItIsThere() {
        link.delay(Duration.ofMillis(50)); // so that no answer comes between requests that are sent in one flight
        long first = cost(() -> put("fresh/first")).turns();
        link.heal();
        assertThat(first).as("with the directory").isLessThanOrEqualTo(4);
        assertThat(cost(() -> putAlone("fresh")).turns()).isLessThanOrEqualTo(PUTS + 1);
    }

    /** Who shares a request with a new key would have to be sent again. */
    @Test
    void newKeysCostNoMoreTogetherThanOneByOne() {
        put("alone/first");
        put("together/first");
        put("alone/second");
        put("together/second");
        Traffic alone = cost(() -> putAlone("alone"));
        Traffic together = cost(() -> putTogether("together"));
        assertThat(together.toStore()).isLessThan(alone.toStore() * 11 / 10);
        assertThat(together.turns()).isLessThanOrEqualTo(alone.turns());
    }

    @Test
    void knownKeysCostLessTogetherThanOneByOne() {
        putAlone("rewritten");
        Traffic alone = cost(() -> putAlone("rewritten"));
        Traffic together = cost(() -> putTogether("rewritten"));
        assertThat(together.turns()).isLessThan(alone.turns());
        assertThat(together.toClient()).as("fewer answers").isLessThan(alone.toClient());
    }
}
