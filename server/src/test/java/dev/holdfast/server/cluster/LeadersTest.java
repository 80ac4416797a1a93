package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.server.barrier.FlakyStorage;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a standby makes of what the active advertises. */
class LeadersTest {
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(Leaders.class);

    private final Backend storage = Backends.load().open("inmem", Map.of("store", "leaders-" + UUID.randomUUID()));
    private final AtomicReference<Holder> holder = new AtomicReference<>(new Holder("a", 3));
    private final Leaders leaders = leaders(storage, "self", Optional.empty());
    private final AtomicInteger asked = new AtomicInteger();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Level before = LOGGER.getLevel();

    @BeforeEach
    void listen() {
        LOGGER.setLevel(Level.WARN);
        LOGGER.addAppender(log);
        log.start();
    }

    @AfterEach
    void close() {
        LOGGER.detachAppender(log);
        LOGGER.setLevel(before);
        storage.close();
    }

    /**
     * As one node sees it.
     *
     * @param self its name
     * @param own what it advertises itself
     */
    private Leaders leaders(Backend over, String self, Optional<Advertisement> own) {
        return new Leaders(
                over,
                ((HABackend) storage).lock(ClusterNode.LOCK, self),
                self,
                () -> Optional.of(holder.get()),
                () -> own);
    }

    /** The storage, whose reads are counted and then wait for this. */
    private Backend counted(Runnable wait) {
        return new FlakyStorage(storage) {
            @Override
            public Optional<Entry> get(Key key) {
                asked.incrementAndGet();
                wait.run();
                return super.get(key);
            }
        };
    }

    private void advertise(String node, String json) {
        storage.put(Entry.of(Advertisement.key(node), json.getBytes(StandardCharsets.UTF_8)));
    }

    private static String json(String node, long token) {
        return new String(Advertisements.of(node, token).entry().value(), StandardCharsets.UTF_8);
    }

    @Test
    void anActiveOfANewerVersionMayAdvertiseMore() {
        advertise("a", json("a", 3).replaceFirst("\\{", "{\"zone\":{\"name\":\"x\"},"));

        assertThat(leaders.current()).map(Advertisement::node).contains("a");
    }

    @Test
    void oneThatAdvertisesTooLittleIsNoLeader() {
        Entry little =
                Entry.of(Advertisement.key("a"), "{\"node\":\"a\",\"token\":3}".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> Advertisement.parse(little)).isInstanceOf(BackendException.Corrupt.class);
    }

    /** It is asked for its health while it steps down, when storage may be what it waits for. */
    @Test
    void aNodeKnowsWhatItAdvertisesItselfWithoutStorage() {
        Leaders active = leaders(storage, "a", Optional.of(Advertisements.of("a", 3)));

        storage.close();

        assertThat(active.current()).map(Advertisement::token).contains(3L);
        holder.set(new Holder("a", 4));
        assertThat(active.current()).as("of a term that is over").isEmpty();
    }

    @Test
    void whoWaitsForAnAdvertisementDoesNotAskForItAllTheTime() throws InterruptedException {
        Leaders waiting = leaders(counted(() -> {}), "self", Optional.empty());
        long began = System.nanoTime();
        for (int i = 0; i < 1_000; i++) {
            assertThat(waiting.current()).isEmpty();
        }
        long millis = (System.nanoTime() - began) / 1_000_000;

        assertThat(asked.get()).isLessThanOrEqualTo((int) (millis / 8) + 1);
        advertise("a", json("a", 3));
        for (long since = System.nanoTime(); waiting.current().isEmpty(); Thread.sleep(1)) {
            assertThat(System.nanoTime() - since).isLessThan(20_000_000_000L);
        }
    }

    /** It takes over at this moment, and has other things to ask storage for. */
    @Test
    void aNodeDoesNotLookInStorageForWhatItHasNotAdvertisedYet() {
        Leaders winner = leaders(counted(() -> {}), "a", Optional.empty());

        assertThat(winner.current()).isEmpty();
        assertThat(asked).hasValue(0);
    }

    @Test
    void oneLooksForAnAdvertisementAtATime() throws Exception {
        CompletableFuture<Void> answer = new CompletableFuture<Void>().orTimeout(20, TimeUnit.SECONDS);
        Leaders waiting = leaders(counted(answer::join), "self", Optional.empty());
        advertise("a", json("a", 3));
        CompletableFuture<Optional<Advertisement>> first = CompletableFuture.supplyAsync(waiting::current);
        for (long since = System.nanoTime(); asked.get() == 0; Thread.sleep(1)) {
            assertThat(System.nanoTime() - since).isLessThan(20_000_000_000L);
        }

        assertThat(waiting.current()).isEmpty();
        answer.complete(null);

        assertThat(first.get(20, TimeUnit.SECONDS)).map(Advertisement::token).contains(3L);
        assertThat(waiting.current()).map(Advertisement::token).contains(3L);
        assertThat(asked).hasValue(1);
    }

    @Test
    void thatAnAdvertisementIsOfNoUseIsSaidOnceForEachLeader() {
        advertise("a", "{\"node\":\"a\"}");
        advertise("b", "{\"node\":\"b\"}");
        for (int i = 0; i < 3; i++) {
            assertThat(leaders.current()).isEmpty();
        }
        assertThat(log.list).hasSize(1);

        holder.set(new Holder("b", 4));
        assertThat(leaders.current()).isEmpty();
        assertThat(leaders.current()).isEmpty();

        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).startsWith("what the active advertises is of no use here"));
    }
}
