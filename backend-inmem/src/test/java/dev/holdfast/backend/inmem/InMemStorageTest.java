package dev.holdfast.backend.inmem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Limits;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.driver.FencedView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InMemStorageTest {
    @RegisterExtension
    final Lab lab = new Lab();

    /** Names that sort around the slash, in UTF-8 and not in UTF-16, and that contain each other. */
    private static final List<String> NAMES = List.of("a", "a!", "a0", "ab", "b", "\uFF5E", "\uD83D\uDE00", "é");

    @Test
    void behavesLikeASortedMap() {
        Backend backend = lab.open("1");
        Backend other = lab.open("2");
        TreeMap<Key, Entry> model = new TreeMap<>();
        Random random = new Random(42);
        for (int i = 0; i < 3_000; i++) {
            Key key = randomKey(random);
            if (random.nextInt(3) == 0) {
                backend.delete(key);
                model.remove(key);
            } else {
                Entry entry = Entry.of(key, ("value " + i).getBytes(StandardCharsets.UTF_8));
                backend.put(entry);
                model.put(key, entry);
            }
            assertThat(other.get(key)).isEqualTo(Optional.ofNullable(model.get(key)));
            if (i % 50 == 0) {
                assertListings(other, model);
            }
        }
    }

    private static void assertListings(Backend backend, Map<Key, Entry> model) {
        for (Prefix prefix : List.of(Prefix.ROOT, Prefix.of("a/"), Prefix.of("a/a/"), Prefix.of("nothing/"))) {
            TreeSet<String> expected = new TreeSet<>(Prefix.NAME_ORDER);
            model.keySet().stream().filter(prefix::contains).forEach(key -> {
                String rest = key.path().substring(prefix.path().length());
                int slash = rest.indexOf('/');
                expected.add(slash < 0 ? rest : rest.substring(0, slash + 1));
            });
            assertThat(backend.list(prefix)).containsExactlyElementsOf(expected);
            TreeSet<String> cuts = new TreeSet<>(expected);
            cuts.addAll(List.of("", "/", "0", "a", "a/", "a/a", "a/zz", "b/x/y", "~"));
            for (String after : cuts) {
                List<String> behind = List.copyOf(expected.tailSet(after, false));
                assertThat(backend.list(prefix, after, 3))
                        .as("after '%s' in '%s'", after, prefix)
                        .isEqualTo(behind.subList(0, Math.min(3, behind.size())));
            }
        }
    }

    private static Key randomKey(Random random) {
        StringBuilder path = new StringBuilder(NAMES.get(random.nextInt(NAMES.size())));
        while (random.nextBoolean()) {
            path.append('/').append(NAMES.get(random.nextInt(NAMES.size())));
        }
        return Key.of(path.toString());
    }

    @Test
    void readersSeeAllOfACommitOrNothing() throws Exception {
        Backend reader = lab.open("1");
        InMemBackend writer = lab.open("2");
        writer.commit(List.of(put("a", "0"), put("b", "0")));
        CompletableFuture<Void> written = Lab.inBackground(() -> {
            for (int i = 1; i <= 20_000; i++) {
                String round = Integer.toString(i);
                writer.commit(List.of(put("a", round), put("b", round)));
            }
            return null;
        });
        while (!written.isDone()) {
            int first = read(reader, "a");
            int second = read(reader, "b");
            assertThat(second)
                    .as("b is of the same commit as a, or of a later one")
                    .isGreaterThanOrEqualTo(first);
        }
        Lab.within(written);
        assertThat(read(reader, "b")).isEqualTo(20_000);
    }

    private static int read(Backend backend, String key) {
        byte[] value = backend.get(Key.of(key)).orElseThrow().value();
        return Integer.parseInt(new String(value, StandardCharsets.UTF_8));
    }

    @Test
    void aRefusedCommitChangesNothing() {
        InMemBackend backend = lab.open("1");
        Limits limits = backend.limits();
        List<Mutation> tooMany = new ArrayList<>();
        for (int i = 0; i <= limits.maxMutations(); i++) {
            tooMany.add(put("many/" + i, "x"));
        }

        assertThatThrownBy(() -> backend.commit(tooMany)).isInstanceOf(BackendException.LimitExceeded.class);
        assertThatThrownBy(() -> backend.commit(List.of(put("a", "1"), new Mutation.Delete(Key.of("a")))))
                .isInstanceOf(BackendException.InvalidRequest.class);
        assertThat(backend.list(Prefix.ROOT)).isEmpty();

        backend.commit(tooMany.subList(1, tooMany.size()));
        assertThat(backend.list(Prefix.of("many/"))).hasSize(limits.maxMutations());
    }

    @Test
    void aHigherFenceStopsTheViewAndNobodyElse() {
        InMemBackend first = lab.open("1");
        InMemBackend second = lab.open("2");
        FencedView<Long> old = first.fence(7);
        old.put(Lab.entry("a", "old"));
        assertThat(old.capabilities()).doesNotContain(Capability.FENCING, Capability.LOCKS);

        FencedView<Long> young = second.fence(8);

        assertThatThrownBy(() -> old.put(Lab.entry("a", "late")))
                .isInstanceOfSatisfying(
                        BackendException.Fenced.class,
                        e -> assertThat(e.token()).isEqualTo(7));
        assertThatThrownBy(() -> old.delete(Key.of("a"))).isInstanceOf(BackendException.Fenced.class);
        assertThatThrownBy(() -> old.commit(List.of(put("b", "late")))).isInstanceOf(BackendException.Fenced.class);
        assertThatThrownBy(() -> first.fence(7)).isInstanceOf(BackendException.Fenced.class);
        assertThat(old.get(Key.of("a"))).contains(Lab.entry("a", "old"));
        assertThat(old.list(Prefix.ROOT)).containsExactly("a");
        young.put(Lab.entry("a", "young"));
        second.fence(8).delete(Key.of("a"));
        first.put(Lab.entry("c", "unfenced"));
        assertThat(old.list(Prefix.ROOT)).containsExactly("c");
    }

    @Test
    void aFenceIsOfItsNamespaceAlone() {
        lab.with("path", "one/").open("1").fence(10);

        FencedView<Long> view = lab.with("path", "two/").open("2").fence(1);

        view.put(Lab.entry("a", "1"));
        assertThat(view.get(Key.of("a"))).isPresent();
    }

    @Test
    void atTheLimitsIsFineAndOneMoreIsRefused() {
        InMemBackend backend = lab.open("1");
        Limits limits = backend.limits();
        Entry largest = Entry.of(Key.of("k".repeat(limits.maxKeyBytes())), new byte[limits.maxValueBytes()]);

        backend.put(largest);

        assertThat(backend.get(largest.key())).contains(largest);
        assertThatThrownBy(() -> backend.put(Entry.of(Key.of("k"), new byte[limits.maxValueBytes() + 1])))
                .isInstanceOf(BackendException.LimitExceeded.class);
        Key tooLong = Key.of("k".repeat(limits.maxKeyBytes() + 1));
        assertThatThrownBy(() -> backend.get(tooLong)).isInstanceOf(BackendException.LimitExceeded.class);
        assertThatThrownBy(() -> backend.delete(tooLong)).isInstanceOf(BackendException.LimitExceeded.class);
        assertThatThrownBy(() -> backend.lock(tooLong, "me")).isInstanceOf(BackendException.LimitExceeded.class);
    }

    @Test
    void aClosedBackendRefusesEverything() {
        InMemBackend backend = lab.open("1");
        FencedView<Long> view = backend.fence(1);
        backend.close();
        backend.close();

        assertThatThrownBy(() -> backend.get(Key.of("a"))).isInstanceOf(BackendException.Closed.class);
        assertThatThrownBy(() -> backend.commit(List.of())).isInstanceOf(BackendException.Closed.class);
        assertThatThrownBy(() -> backend.lock(Key.of("a"), "me")).isInstanceOf(BackendException.Closed.class);
        assertThatThrownBy(() -> view.put(Lab.entry("a", "1")))
                .isInstanceOfSatisfying(
                        BackendException.Closed.class,
                        e -> assertThat(e.maybeApplied()).isFalse());
    }

    private static Mutation put(String key, String value) {
        return new Mutation.Put(Lab.entry(key, value));
    }
}
