package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Prefix;
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
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What calls cost a real server, counted between it and the client in flights, as the page about ZooKeeper says. */
@Timeout(120)
class ZooKeeperCostTest {
    private static final int PUTS = 160;
    private static final int TIMES = 20;

    /** So long that no answer comes between requests that are sent in one flight. */
    private static final Duration FLIGHT = Duration.ofMillis(25);

    /** What a lock's session may send in the meantime. */
    private static final long RENEWALS = 2;

    private static final int WRITERS = 16;
    private static final byte[] VALUE = new byte[2_000];

    private static ZooKeeperStore store;

    private TcpLink link;
    private HABackend backend;

    @BeforeAll
    static void startStore() {
        store = ZooKeeperStore.start();
    }

    @AfterAll
    static void stopStore() {
        store.close();
    }

    /** With a link of its own for each: ZooKeeper's client pings in a session that was idle for 10 s, however long it lasts. */
    @BeforeEach
    void open() {
        // Sessions so long that hardly anything comes in between.
        Map<String, String> options = Map.of(
                "endpoints", store.endpoints(), "session_timeout", "60s", "lock_ttl", "60s", "request_timeout", "20s");
        link = TcpLink.between(Backends.load().provider("zookeeper").options(), options);
        backend = (HABackend) Backends.load().open("zookeeper", link.options());
        put("warm/up");
        put("warm/up");
    }

    @AfterEach
    void close() {
        link.heal();
        backend.close();
        link.close();
    }

    private void put(String path) {
        backend.put(Entry.of(Key.of(path), VALUE));
    }

    private Traffic cost(Runnable work) {
        Traffic before = link.traffic();
        work.run();
        return link.traffic().since(before);
    }

    private long turns(IntConsumer call) {
        return cost(() -> IntStream.range(0, TIMES).forEach(call)).turns();
    }

    private void putAlone(String directory) {
        for (int i = 0; i < PUTS; i++) {
            put(directory + "/k" + i);
        }
    }

    private void putTogether(String directory) {
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
    void getAndListAreOneFlightEachAndADeleteTwo() {
        put("level/key");
        put("doomed/left");
        IntStream.range(0, TIMES).forEach(i -> put("doomed/k" + i));
        Key key = Key.of("level/key");
        Prefix level = Prefix.of("level/");
        link.delay(FLIGHT);
        assertThat(turns(i -> assertThat(backend.get(key)).isPresent())).isBetween((long) TIMES, TIMES + RENEWALS);
        assertThat(turns(i -> assertThat(backend.list(level)).hasSize(1))).isBetween((long) TIMES, TIMES + RENEWALS);
        // A look, and a transaction that checks what was seen.
        assertThat(turns(i -> backend.delete(Key.of("doomed/k" + i)))).isBetween(2L * TIMES, 2 * TIMES + RENEWALS);
    }

    @Test
    void acquireAndReleaseAreOneFlightEach() throws Exception {
        HALock lock = backend.lock(Key.of("lock"), "me");
        lock.acquire().release(); // the first one needs a session
        link.delay(FLIGHT);
        long acquired = 0;
        long released = 0;
        for (int i = 0; i < TIMES; i++) {
            Traffic before = link.traffic();
            Lease lease = lock.acquire();
            acquired += link.traffic().since(before).turns();
            before = link.traffic();
            lease.release();
            released += link.traffic().since(before).turns();
        }
        assertThat(acquired).as("acquire").isBetween((long) TIMES, TIMES + RENEWALS);
        assertThat(released).as("release").isBetween((long) TIMES, TIMES + RENEWALS);
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

    /** Keys that are believed to be there share requests; one that has gone is not to be the others' trouble, nor its own. */
    @Test
    void aKeyThatSomebodyDeletedMeanwhileFailsNobody() {
        putAlone("believed");
        try (Backend other = Backends.load().open("zookeeper", Map.of("endpoints", store.endpoints()))) {
            for (int i = 0; i < PUTS; i += 20) {
                other.delete(Key.of("believed/k" + i));
            }
        }
        putTogether("believed");
        assertThat(backend.list(Prefix.of("believed/"))).hasSize(PUTS);
    }

    @Test
    void aFencedWriterFailsNobodyBesideIt() throws Exception {
        putAlone("fenced");
        Backend stale = ((FencingBackend) backend).fence(1);
        try (FencingBackend other =
                (FencingBackend) Backends.load().open("zookeeper", Map.of("endpoints", store.endpoints()))) {
            other.fence(2);
        }
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try {
            List<CompletableFuture<Void>> refused = new ArrayList<>();
            List<CompletableFuture<Void>> done = new ArrayList<>();
            for (int i = 0; i < PUTS; i++) {
                Entry entry = Entry.of(Key.of("fenced/k" + i), new byte[] {1});
                boolean isStale = i % 4 == 0;
                (isStale ? refused : done)
                        .add(CompletableFuture.runAsync(() -> (isStale ? stale : backend).put(entry), writers));
            }
            assertThat(done).allSatisfy(put -> assertThat(put).succeedsWithin(Duration.ofSeconds(60)));
            assertThat(refused)
                    .allSatisfy(put -> assertThat(put)
                            .failsWithin(Duration.ofSeconds(60))
                            .withThrowableThat()
                            .withCauseInstanceOf(BackendException.Fenced.class));
        } finally {
            writers.shutdownNow();
        }
    }
}
