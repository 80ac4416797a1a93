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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.security.auth.Destroyable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was secret is not left in memory. */
class SecretsTest {
    private Backend raw;

    @BeforeEach
    void open() {
        raw = Backends.load().open("inmem", Map.of("store", "secrets-" + UUID.randomUUID()));
    }

    @AfterEach
    void close() {
        raw.close();
    }

    private List<byte[]> initialise(int shares, int threshold, Optional<KeyBytes> fileKey) {
        return new Seal(raw).initialize(raw, shares, threshold, fileKey, storage -> {});
    }

    private SealConfig config() {
        return new Seal(raw).config().orElseThrow();
    }

    private static void areWiped(List<byte[]> secrets) {
        assertThat(secrets).isNotEmpty().allSatisfy(secret -> assertThat(secret).containsOnly(0));
    }

    private static byte[] changed(byte[] share, int at) {
        byte[] changed = share.clone();
        changed[at] ^= 1;
        return changed;
    }

    @Test
    void whatWasCollectedIsOverwrittenWhenItIsUsedOrForgotten() throws Exception {
        List<byte[]> shares = initialise(3, 2, Optional.empty());
        Seal seal = new Seal(raw);

        assertThat(seal.offer(config(), shares.get(0))).isEmpty();
        List<byte[]> forgotten = List.copyOf(seal.collected);
        seal.reset();
        areWiped(forgotten);

        seal.offer(config(), shares.get(0));
        List<byte[]> used = List.copyOf(seal.collected);
        assertThat(seal.offer(config(), shares.get(1))).isPresent();
        areWiped(used);

        seal.offer(config(), shares.get(0));
        List<byte[]> withAWrongOne = List.copyOf(seal.collected);
        assertThatThrownBy(() -> seal.offer(config(), changed(shares.get(1), 3)))
                .isInstanceOf(Seal.WrongKeyException.class);
        areWiped(withAWrongOne);
        assertThat(shares.get(0)).as("the caller's own").isNotEqualTo(new byte[33]);
    }

    @Test
    void sharesAreOverwrittenWhateverComesOfThem() throws Exception {
        List<byte[]> shares = initialise(3, 2, Optional.empty());
        byte[] other = changed(shares.get(0), 3);
        for (List<byte[]> bad : List.of(
                List.of(other, shares.get(1).clone()),
                List.of(other.clone(), shares.get(0).clone()))) {
            assertThatThrownBy(() -> new Seal(raw).unsealWith(config(), bad))
                    .isInstanceOf(Seal.WrongKeyException.class);
            areWiped(bad);
        }
        List<byte[]> good = List.of(shares.get(0).clone(), shares.get(1).clone());
        assertThatThrownBy(() -> new Seal(withoutKeyring()).unsealWith(config(), good))
                .isInstanceOf(BackendException.Unavailable.class);
        areWiped(good);
        assertThat(new Seal(raw).unsealWith(config(), shares)).isNotNull();
        areWiped(shares);
    }

    @Test
    void theUnsealKeyIsOverwrittenWhateverComesOfIt() throws Exception {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 5);
        initialise(1, 1, Optional.of(new KeyBytes(key)));
        for (byte[] bad : List.of(changed(key, 0), new byte[] {1, 2, 3})) {
            assertThatThrownBy(() -> new Seal(raw).unsealWith(config(), bad))
                    .isInstanceOf(Seal.WrongKeyException.class);
            areWiped(List.of(bad));
        }
        byte[] unread = key.clone();
        assertThatThrownBy(() -> new Seal(withoutKeyring()).unsealWith(config(), unread))
                .isInstanceOf(BackendException.Unavailable.class);
        areWiped(List.of(unread));
        assertThat(new Seal(raw).unsealWith(config(), key)).isNotNull();
        areWiped(List.of(key));
    }

    @Test
    void aDestroyedKeyIsOfNoUse() {
        RawKey key = Aead.key(new byte[] {1, 2, 3});
        assertThat(key.getEncoded()).containsExactly(1, 2, 3);
        assertThat(key).hasToString("***");

        key.destroy();

        assertThat(key.isDestroyed()).isTrue();
        assertThatThrownBy(key::getEncoded).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aBrokenKeyringIsRefusedAndNotShown() {
        Keyring rotated = Keyring.fresh().rotated();
        String text = new String(rotated.write(), StandardCharsets.US_ASCII);
        Keyring read = Keyring.read(rotated.write());
        assertThat(read.term()).isEqualTo(2);
        assertThat(read.installed()).isEqualTo(rotated.installed());
        assertThat(new String(read.write(), StandardCharsets.US_ASCII)).isEqualTo(text);

        String secret = text.substring(text.lastIndexOf(' ') + 1);
        for (String broken : List.of(
                "",
                "holdfast keyring 1",
                "holdfast keyring 2\n",
                text + "\n",
                text + "!",
                text.replace("\n2 ", "\ntwo "),
                text.replace(' ', '_'),
                text.substring(0, text.lastIndexOf(' ')))) {
            assertThatThrownBy(() -> Keyring.read(broken.getBytes(StandardCharsets.US_ASCII)))
                    .as(broken)
                    .isInstanceOf(IllegalArgumentException.class)
                    .message()
                    .contains("keyring")
                    .doesNotContain(secret);
        }
    }

    /** Fails after the root key was opened. */
    private Backend withoutKeyring() {
        return new FlakyStorage(raw) {
            @Override
            public Optional<Entry> get(Key key) {
                if (key.equals(KeyringStore.KEYRING)) {
                    throw new BackendException.Unavailable(
                            Operation.at("flaky", "storage").on("get", key), "it does not answer", null);
                }
                return super.get(key);
            }
        };
    }

    @Test
    void noKeyOutlivesTheBarrier() throws Exception {
        byte[] share = initialise(1, 1, Optional.empty()).get(0);
        Barrier barrier = new Seal(raw).offer(config(), share).orElseThrow();
        List<Keyring> keyrings = new ArrayList<>(List.of(barrier.keyring()));
        barrier.rotate(raw);
        keyrings.add(barrier.keyring());
        barrier.reload(raw);
        keyrings.add(barrier.keyring());
        Backend storage = barrier.over(raw);
        Key key = Key.of("logical/a");
        storage.put(Entry.of(key, new byte[] {1}));
        byte[] before = raw.get(key).orElseThrow().value();

        barrier.destroy();

        assertThat(keyrings).allSatisfy(keyring -> {
            for (int term = 1; term <= keyring.term(); term++) {
                assertThat(keyring.key(term)).matches(Destroyable::isDestroyed);
            }
        });
        assertThat(barrier.root().isDestroyed()).isTrue();
        assertThatThrownBy(() -> storage.get(key))
                .isInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("this node was sealed");
        assertThatThrownBy(() -> storage.put(Entry.of(key, new byte[] {2})))
                .isInstanceOf(BackendException.Unavailable.class);
        assertThatThrownBy(() -> barrier.rotate(raw)).isInstanceOf(BackendException.Unavailable.class);
        assertThat(raw.get(key).orElseThrow().value()).isEqualTo(before);
    }
}
