package dev.holdfast.server.barrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of the shares when storage does not say whether the last entry of a new cluster was written. */
class InitializeTest {
    private enum Fate {
        WRITTEN_IN_SILENCE,
        SILENCE,
        REFUSED
    }

    private static final Operation PUT = Operation.at("flaky", "storage").on("put", SealConfig.KEY);

    private Backend raw;
    private final Deque<Fate> fates = new ArrayDeque<>();
    private boolean unreadable;

    private Backend storage;

    @BeforeEach
    void open() {
        raw = Backends.load().open("inmem", Map.of("store", "initialize-" + UUID.randomUUID()));
        storage = new FlakyStorage(raw) {
            @Override
            public void put(Entry entry) {
                if (!entry.key().equals(SealConfig.KEY) || fates.isEmpty()) {
                    super.put(entry);
                    return;
                }
                Fate fate = fates.remove();
                if (fate == Fate.WRITTEN_IN_SILENCE) {
                    super.put(entry);
                }
                throw fate == Fate.REFUSED
                        ? new BackendException.Unavailable(PUT, "no connection", null)
                        : new BackendException.OutcomeUnknown(PUT, "no answer", null);
            }

            @Override
            public Optional<Entry> get(Key key) {
                if (unreadable && key.equals(SealConfig.KEY)) {
                    throw new BackendException.Unavailable(
                            Operation.at("flaky", "storage").on("get", key), "no connection", null);
                }
                return super.get(key);
            }
        };
    }

    @AfterEach
    void close() {
        raw.close();
    }

    private List<byte[]> initialize(Fate... inTurn) {
        fates.addAll(List.of(inTurn));
        return new Seal(storage).initialize(storage, 1, 1, Optional.empty(), first -> {});
    }

    private void unseals(List<byte[]> shares) throws Exception {
        Seal seal = new Seal(raw);
        assertThat(seal.offer(seal.config().orElseThrow(), shares.get(0))).isPresent();
    }

    @Test
    void whatIsThereWasWrittenThoughEachAnswerWasMissing() throws Exception {
        unseals(initialize(Fate.WRITTEN_IN_SILENCE, Fate.SILENCE, Fate.SILENCE));
    }

    @Test
    void soItIsWhenLaterWritesCertainlyWereNotApplied() throws Exception {
        unseals(initialize(Fate.WRITTEN_IN_SILENCE, Fate.REFUSED, Fate.REFUSED));
    }

    @Test
    void oneAnswerIsEnough() throws Exception {
        unseals(initialize(Fate.SILENCE, Fate.REFUSED));
    }

    @Test
    void whatCertainlyWasNotAppliedIsNotAskedFor() {
        assertThatThrownBy(() -> initialize(Fate.REFUSED)).isInstanceOf(BackendException.Unavailable.class);
        assertThat(new Seal(raw).config()).isEmpty();
    }

    @Test
    void whatRemainsUnknownSaysWhatToDo() {
        assertThatThrownBy(() -> initialize(Fate.SILENCE, Fate.SILENCE, Fate.SILENCE))
                .as("it may arrive yet")
                .isInstanceOf(Seal.InDoubtException.class)
                .hasMessageContaining("keys and a root token that nobody has")
                .hasMessageContaining("remove everything below the path of storage");
        unreadable = true;
        assertThatThrownBy(() -> initialize(Fate.WRITTEN_IN_SILENCE, Fate.REFUSED, Fate.REFUSED))
                .as("it cannot be read back")
                .isInstanceOf(Seal.InDoubtException.class)
                .hasCauseInstanceOf(BackendException.Unavailable.class);
    }

    @Test
    void anotherNodesClusterIsNotToBeRemoved() {
        new Seal(raw).initialize(raw, 1, 1, Optional.empty(), first -> {});

        assertThatThrownBy(() -> initialize(Fate.SILENCE, Fate.REFUSED, Fate.REFUSED))
                .isInstanceOf(BackendException.Unavailable.class);
    }
}
