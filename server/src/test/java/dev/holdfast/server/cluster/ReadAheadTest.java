package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.server.barrier.FlakyStorage;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
    private static final Key A = Key.of("a");
    private static final Key B = Key.of("b");

    private final Backend storage = Backends.load().open("inmem", Map.of("store", "ahead-" + UUID.randomUUID()));

    private static Entry entry(Key key, int value) {
        return Entry.of(key, new byte[] {(byte) value});
    }

    private static int value(Optional<Entry> entry) {
        return entry.orElseThrow().value()[0];
    }

    @Test
    void allAreAskedForAtOnce() {
        storage.put(entry(A, 1));
        storage.put(entry(B, 2));
        CountDownLatch both = new CountDownLatch(2);
        Backend slow = new FlakyStorage(storage) {
            @Override
            public Optional<Entry> get(Key key) {
                both.countDown();
                try {
                    assertThat(both.await(20, TimeUnit.SECONDS))
                            .as("the other is asked for, too")
                            .isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return super.get(key);
            }
        };

        Backend ahead = ReadAhead.of(slow, List.of(A, B));

        assertThat(value(ahead.get(A))).isEqualTo(1);
        assertThat(value(ahead.get(B))).isEqualTo(2);
    }

    @Test
    void anAnswerIsGivenOnceAndIsNeverOlderThanAWrite() {
        storage.put(entry(A, 1));
        storage.put(entry(B, 1));
        Backend ahead = ReadAhead.of(storage, List.of(A, B));

        assertThat(value(ahead.get(A))).isEqualTo(1);
        storage.put(entry(A, 2));
        assertThat(value(ahead.get(A))).as("read again").isEqualTo(2);

        ahead.put(entry(B, 2));
        assertThat(value(ahead.get(B))).as("what was written").isEqualTo(2);
    }

    @Test
    void aDeletedEntryIsGone() {
        storage.put(entry(A, 1));
        Backend ahead = ReadAhead.of(storage, List.of(A));

        ahead.delete(A);

        assertThat(ahead.get(A)).isEmpty();
    }

    @Test
    void whatFailsIsThrownToWhoReadsIt() {
        Backend broken = new FlakyStorage(storage) {
            @Override
            public Optional<Entry> get(Key key) {
                throw new BackendException.Unavailable(
                        Operation.at("flaky", "storage").on("get", key), "it does not answer", null);
            }
        };
        Backend ahead = ReadAhead.of(broken, List.of(A));

        assertThatThrownBy(() -> ahead.get(A)).isInstanceOf(BackendException.Unavailable.class);
    }
}
