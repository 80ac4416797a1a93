package dev.holdfast.server.barrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BarrierTest {
    private static final Key APP = Key.of("logical/app");
    private Backend raw;
    private Seal seal;
    private List<byte[]> shares;

    @BeforeEach
    void initialise() {
        raw = Backends.load().open("inmem", Map.of("store", "barrier-" + UUID.randomUUID()));
        seal = new Seal(raw);
        shares = new ArrayList<>(
                seal.initialize(raw, 5, 3, Optional.empty(), storage -> storage.put(entry(APP, "first"))));
    }

    @AfterEach
    void close() {
        raw.close();
    }

    private static Entry entry(Key key, String value) {
        return Entry.of(key, value.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Optional<Entry> entry) {
        return new String(entry.orElseThrow().value(), StandardCharsets.UTF_8);
    }

    private Optional<Barrier> offer(byte[] share) throws Exception {
        return seal.offer(seal.config().orElseThrow(), share);
    }

    private Barrier unseal() throws Exception {
        Seal fresh = new Seal(raw);
        Optional<Barrier> opened = Optional.empty();
        for (byte[] share : shares.subList(0, 3)) {
            opened = fresh.offer(fresh.config().orElseThrow(), share);
        }
        return opened.orElseThrow();
    }

    @Test
    void theThresholdOfSharesUnsealsAndTheSameOneTwiceCountsOnce() throws Exception {
        Collections.shuffle(shares);
        assertThat(offer(shares.get(0))).isEmpty();
        assertThat(offer(shares.get(0))).isEmpty();
        assertThat(offer(shares.get(1))).isEmpty();
        assertThat(seal.progress().collected()).isEqualTo(2);

        Barrier barrier = offer(shares.get(2)).orElseThrow();

        assertThat(text(barrier.over(raw).get(APP))).isEqualTo("first");
        assertThat(seal.progress()).isEqualTo(new Seal.Progress(0, ""));
    }

    @Test
    void aWrongShareIsRefusedAndTheRightOnesWorkAfterwards() throws Exception {
        byte[] wrong = shares.get(0).clone();
        wrong[5] ^= 1;
        offer(wrong);
        offer(shares.get(1));

        assertThatThrownBy(() -> offer(shares.get(2))).isInstanceOf(Seal.WrongKeyException.class);

        assertThat(unseal()).isNotNull();
        assertThatThrownBy(() -> offer(new byte[7])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothingReadableIsInStorage() throws Exception {
        Backend storage = unseal().over(raw);
        storage.put(entry(APP, "a secret that must not be seen"));

        for (String path : List.of("logical/app", "core/keyring", "core/seal-config")) {
            String stored = new String(raw.get(Key.of(path)).orElseThrow().value(), StandardCharsets.ISO_8859_1);
            assertThat(stored).doesNotContain("a secret").doesNotContain("keyring 1");
        }
        storage.put(entry(APP, "same"));
        byte[] once = raw.get(APP).orElseThrow().value();
        storage.put(entry(APP, "same"));
        assertThat(raw.get(APP).orElseThrow().value())
                .as("a fresh nonce each time")
                .isNotEqualTo(once);
    }

    @Test
    void whatWasChangedIsCorruptWhicheverByteItIs() throws Exception {
        Backend storage = unseal().over(raw);
        storage.put(entry(APP, "value"));
        byte[] good = raw.get(APP).orElseThrow().value();
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 1;
            raw.put(Entry.of(APP, bad));
            assertThatThrownBy(() -> storage.get(APP))
                    .as("byte %s changed", i)
                    .isInstanceOf(BackendException.Corrupt.class);
        }
        raw.put(Entry.of(APP, Arrays.copyOf(good, good.length - 1)));
        assertThatThrownBy(() -> storage.get(APP)).isInstanceOf(BackendException.Corrupt.class);
        raw.put(Entry.of(APP, new byte[0]));
        assertThatThrownBy(() -> storage.get(APP)).isInstanceOf(BackendException.Corrupt.class);
        raw.put(Entry.of(APP, good));
        assertThat(text(storage.get(APP))).isEqualTo("value");
    }

    @Test
    void whatWasMovedToAnotherPathIsCorrupt() throws Exception {
        Backend storage = unseal().over(raw);
        Key other = Key.of("logical/other");
        storage.put(entry(APP, "one"));
        raw.put(Entry.of(other, raw.get(APP).orElseThrow().value()));

        assertThatThrownBy(() -> storage.get(other))
                .isInstanceOf(BackendException.Corrupt.class)
                .hasMessageContaining("logical/other");
    }

    @Test
    void rotationKeepsTheOldReadableAndOtherNodesFollow() throws Exception {
        Barrier here = unseal();
        Barrier there = unseal();
        here.over(raw).put(entry(APP, "old key"));

        here.rotate(raw);
        Key next = Key.of("logical/next");
        here.over(raw).put(entry(next, "new key"));

        assertThat(here.term()).isEqualTo(2);
        assertThat(text(here.over(raw).get(APP))).isEqualTo("old key");
        assertThat(text(there.over(raw).get(next))).isEqualTo("new key");
        assertThat(text(unseal().over(raw).get(next))).isEqualTo("new key");
    }

    @Test
    void aNodeThatCannotGetANewerKeyIsOfNoUseForNow() throws Exception {
        Barrier here = unseal();
        Barrier there = unseal();
        here.rotate(raw);
        here.over(raw).put(entry(APP, "new key"));
        Entry keyring = raw.get(KeyringStore.KEYRING).orElseThrow();
        raw.put(Entry.of(KeyringStore.KEYRING, new byte[40]));

        assertThatThrownBy(() -> there.over(raw).get(APP))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("it needs key 2, which this node cannot get");

        raw.put(keyring);
        assertThat(text(there.over(raw).get(APP))).isEqualTo("new key");
    }

    @Test
    void anOtherClustersKeysOpenNothing() throws Exception {
        Backend elsewhere = Backends.load().open("inmem", Map.of("store", "barrier-" + UUID.randomUUID()));
        Seal other = new Seal(elsewhere);
        List<byte[]> foreign = other.initialize(elsewhere, 1, 1, Optional.empty(), storage -> {});

        assertThatThrownBy(() -> {
                    offer(foreign.get(0));
                    offer(shares.get(0));
                    offer(shares.get(1));
                })
                .isInstanceOf(Seal.WrongKeyException.class);
        raw.put(Entry.of(
                KeyringStore.KEYRING,
                elsewhere.get(KeyringStore.KEYRING).orElseThrow().value()));
        assertThatThrownBy(this::unseal).isInstanceOf(BackendException.Corrupt.class);
        elsewhere.close();
    }

    @Test
    void theLimitIsThatOfTheStoreWithoutWhatEncryptionAdds() throws Exception {
        Backend storage = unseal().over(raw);
        int most = storage.limits().maxValueBytes();

        storage.put(Entry.of(APP, new byte[most]));

        assertThat(storage.get(APP).orElseThrow().size()).isEqualTo(most);
        assertThatThrownBy(() -> storage.put(Entry.of(APP, new byte[most + 1])))
                .isInstanceOf(BackendException.LimitExceeded.class);
    }

    @Test
    void noTextShowsAKey() throws Exception {
        Barrier barrier = unseal();

        assertThat(barrier + " " + seal.config().orElseThrow())
                .isEqualTo("barrier with keyring of terms [1] shamir 3 of 5");
    }

    @Test
    void aRotationWhoseWriteArrivesAfterTheNextOneLosesNoKey() throws Exception {
        Barrier barrier = unseal();
        List<Entry> late = new ArrayList<>();
        Backend slow = new FlakyStorage(raw) {
            @Override
            public void put(Entry entry) {
                late.add(entry);
                throw new BackendException.OutcomeUnknown(
                        Operation.at("flaky", "storage").on("put", entry.key()), "no answer", null);
            }
        };
        assertThatThrownBy(() -> barrier.rotate(slow)).isInstanceOf(BackendException.OutcomeUnknown.class);
        barrier.rotate(raw);
        barrier.over(raw).put(entry(APP, "with the second key"));

        late.forEach(raw::put);

        assertThat(late).hasSize(1);
        assertThat(barrier.term()).isEqualTo(2);
        assertThat(text(unseal().over(raw).get(APP))).isEqualTo("with the second key");
        barrier.rotate(raw);
        assertThat(barrier.term()).isEqualTo(3);
    }
}
