package dev.holdfast.server.barrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No key is used so often that nonces could meet. */
class KeyUsesTest {
    private static final Key APP = Key.of("logical/app");
    private static final Key OLD = Key.of("logical/old");
    private Backend raw;
    private byte[] share;

    @BeforeEach
    void initialise() {
        raw = Backends.load().open("inmem", Map.of("store", "uses-" + UUID.randomUUID()));
        share = new Seal(raw)
                .initialize(raw, 1, 1, Optional.empty(), storage -> storage.put(entry(OLD, 7)))
                .get(0);
    }

    @AfterEach
    void close() {
        raw.close();
    }

    private static Entry entry(Key key, int value) {
        return Entry.of(key, new byte[] {(byte) value});
    }

    private Barrier unseal() throws Exception {
        Seal seal = new Seal(raw);
        return seal.offer(seal.config().orElseThrow(), share).orElseThrow();
    }

    private void isReadable(Barrier barrier, Key key, int value) {
        assertThat(barrier.over(raw).get(key).orElseThrow().value()).containsExactly(value);
    }

    @Test
    void aKeyIsReplacedBeforeItWasUsedTooOften() throws Exception {
        unseal().keyrings().writeUses(raw, 1, Allowance.MOST - Allowance.STEP);
        Barrier barrier = unseal();

        for (int i = 0; i < Allowance.STEP; i++) {
            barrier.over(raw).put(entry(APP, i));
        }
        assertThat(barrier.term()).isEqualTo(1);
        assertThat(barrier.encryptions()).isEqualTo(Allowance.MOST);
        barrier.over(raw).put(entry(APP, 3));

        assertThat(barrier.term()).isEqualTo(2);
        assertThat(barrier.encryptions()).isEqualTo(1);
        isReadable(unseal(), OLD, 7);
        isReadable(unseal(), APP, 3);
    }

    @Test
    void whoeverComesNextCountsAllThatWasUsedBefore() throws Exception {
        long used = 0;
        for (int life = 0; life < 3; life++) {
            Barrier barrier = unseal();
            for (int i = 0; i < 10; i++) {
                barrier.over(raw).put(entry(APP, i));
                used++;
            }
            assertThat(barrier.encryptions()).isGreaterThanOrEqualTo(used);
            used = barrier.encryptions();
        }
        Barrier here = unseal();
        Barrier there = unseal();
        here.over(raw).put(entry(APP, 1));
        there.over(raw).put(entry(APP, 2));
        long both = there.encryptions();

        here.reload(raw);
        here.over(raw).put(entry(APP, 3));

        assertThat(here.encryptions()).as("active again after another one").isGreaterThan(both);
    }

    @Test
    void aNewKeyIsCountedFromItsFirstUse() throws Exception {
        Barrier barrier = unseal();
        barrier.over(raw).put(entry(APP, 1));

        barrier.rotate(raw);
        assertThat(barrier.encryptions()).isZero();
        barrier = unseal();
        barrier.over(raw).put(entry(APP, 2));

        assertThat(barrier.term()).isEqualTo(2);
        assertThat(barrier.encryptions()).isEqualTo(1);
    }

    @Test
    void aKeyWhoseUsesAreNotKnownIsReplaced() throws Exception {
        raw.delete(KeyringStore.USES);
        Barrier barrier = unseal();
        isReadable(barrier, OLD, 7);
        barrier.over(raw).put(entry(APP, 1));
        assertThat(barrier.term()).as("never counted").isEqualTo(2);

        raw.put(Entry.of(KeyringStore.USES, new byte[] {1, 2, 3}));
        barrier = unseal();
        barrier.over(raw).put(entry(APP, 2));
        assertThat(barrier.term()).as("not readable").isEqualTo(3);
        isReadable(unseal(), OLD, 7);
    }

    @Test
    void nothingIsEncryptedThatIsNotWrittenDown() throws Exception {
        Barrier barrier = unseal();
        Backend silent = new Silent(KeyringStore.USES);

        assertThatThrownBy(() -> barrier.over(silent).put(entry(APP, 1)))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("logical/app");

        assertThat(raw.get(APP)).isEmpty();
        barrier.over(raw).put(entry(APP, 2));
        isReadable(unseal(), APP, 2);
    }

    @Test
    void aReplacementThatArrivesLateLosesNoValue() throws Exception {
        unseal().keyrings().writeUses(raw, 1, Allowance.MOST);
        Barrier barrier = unseal();
        Silent silent = new Silent(KeyringStore.KEYRING);
        assertThatThrownBy(() -> barrier.over(silent).put(entry(APP, 1)))
                .isInstanceOf(BackendException.Unavailable.class);
        barrier.over(raw).put(entry(APP, 2));

        silent.late.forEach(raw::put);

        assertThat(silent.late).hasSize(1);
        assertThat(barrier.term()).isEqualTo(2);
        isReadable(unseal(), APP, 2);
        isReadable(unseal(), OLD, 7);
    }

    /** Keeps what is written to one key, and does not answer. */
    private final class Silent extends FlakyStorage {
        private final Key key;
        private final List<Entry> late = new ArrayList<>();

        Silent(Key key) {
            super(raw);
            this.key = key;
        }

        @Override
        public void put(Entry entry) {
            if (!entry.key().equals(key)) {
                super.put(entry);
                return;
            }
            late.add(entry);
            throw new BackendException.OutcomeUnknown(
                    Operation.at("flaky", "storage").on("put", entry.key()), "no answer", null);
        }
    }
}
