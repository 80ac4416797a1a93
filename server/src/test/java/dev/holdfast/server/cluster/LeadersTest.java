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
    private final Leaders leaders = new Leaders(
            storage,
            ((HABackend) storage).lock(ClusterNode.LOCK, "self"),
            () -> Optional.of(holder.get()),
            Optional::empty);
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
        Leaders active = new Leaders(
                storage,
                ((HABackend) storage).lock(ClusterNode.LOCK, "self"),
                () -> Optional.of(holder.get()),
                () -> Optional.of(Advertisements.of("a", 3)));

        storage.close();

        assertThat(active.current()).map(Advertisement::token).contains(3L);
        holder.set(new Holder("a", 4));
        assertThat(active.current()).as("of a term that is over").isEmpty();
    }

    @Test
    void whoWaitsForAnAdvertisementDoesNotAskForItAllTheTime() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        Backend counted = new FlakyStorage(storage) {
            @Override
            public Optional<Entry> get(Key key) {
                asked.incrementAndGet();
                return super.get(key);
            }
        };
        Leaders waiting = new Leaders(
                counted,
                ((HABackend) storage).lock(ClusterNode.LOCK, "self"),
                () -> Optional.of(holder.get()),
                Optional::empty);
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
