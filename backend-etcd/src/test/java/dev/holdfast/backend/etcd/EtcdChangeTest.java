package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdChangeTest {
    private final FakeEtcd etcd = new FakeEtcd();
    private final EtcdKeys keys = new EtcdKeys("p/");

    @Test
    void aPutMakesTheDirectoriesAboveAndADeleteRemovesThem() {
        apply(put("a/b/c"));
        assertThat(names()).containsExactly("p/d//a/", "p/d/a//b/", "p/d/a/b//c");
        apply(delete("a/b/c"));
        assertThat(names()).isEmpty();
    }

    @Test
    void aPutIntoAKnownDirectoryAndADeleteFromItTakeOneTransaction() {
        apply(put("a/b/one"));
        assertThat(apply(put("a/b/two"))).isEqualTo(1);
        assertThat(apply(delete("a/b/two"))).isEqualTo(1);
        assertThat(apply(delete("a/b/absent"))).isEqualTo(1);
    }

    @Test
    void deletingAWholeDirectoryInOrderSeldomTakesTwo() {
        IntStream.range(100, 300).forEach(i -> apply(put("a/" + i)));
        int transactions =
                IntStream.range(100, 300).map(i -> apply(delete("a/" + i))).sum();
        assertThat(transactions).isBetween(200, 215);
        assertThat(names()).isEmpty();
    }

    @Test
    void aDeleteBelowNothingChangesNothing() {
        assertThat(apply(delete("a/b/c"))).isEqualTo(1);
        apply(put("a/x"));
        apply(delete("a/b/c"));
        assertThat(names()).containsExactly("p/d//a/", "p/d/a//x");
    }

    @Test
    void aSiblingThatArrivesBetweenTheStepsOfADeleteIsKept() {
        apply(put("a/b/c"));
        EtcdChange delete = new EtcdChange(keys, delete("a/b/c"));
        TxnResponse first = etcd.commit(delete.optimistic());
        apply(put("a/b/d"));
        TxnResponse second = etcd.commit(delete.informed(first).orElseThrow());
        assertThat(second.getSucceeded()).as("decided on what is no longer so").isFalse();
        TxnResponse third = etcd.commit(delete.informed(second).orElseThrow());
        assertThat(third.getSucceeded()).isTrue();
        assertThat(names()).containsExactly("p/d//a/", "p/d/a//b/", "p/d/a/b//d");
        requireConsistent();
    }

    @Test
    void theDeepestPathAndTheLargestCommitsStayWithinEtcdsLimits() {
        String deep = "a" + "/a".repeat(511);
        apply(put(deep));
        requireConsistent();
        apply(delete(deep));
        assertThat(names()).isEmpty();

        List<Mutation> puts = new ArrayList<>();
        List<Mutation> deletes = new ArrayList<>();
        for (int i = 0; i < EtcdChange.MOST_MUTATIONS; i++) {
            String key = "n" + i + "/x".repeat(27);
            puts.addAll(put(key));
            deletes.addAll(delete(key));
        }
        apply(puts);
        requireConsistent();
        apply(deletes);
        assertThat(names()).isEmpty();
    }

    @Test
    void asManyPutsAsMayShareATransactionStayWithinEtcdsLimitsWhereverTheyGo() {
        List<Mutation> puts = new ArrayList<>();
        Set<String> directories = new TreeSet<>();
        for (int i = 0; i < EtcdChange.MOST_PUTS; i++) {
            apply(put("n" + i + "/first"));
            puts.addAll(put("n" + i + "/second"));
            directories.add("n" + i + "/");
        }
        TxnRequest txn = new EtcdFence(keys, 1).guard(EtcdChange.intoPresent(keys, directories, puts));
        assertThat(etcd.commit(txn).getSucceeded())
                .as("the fence is not raised")
                .isFalse();

        assertThat(etcd.commit(EtcdChange.intoPresent(keys, directories, puts)).getSucceeded())
                .isTrue();

        assertThat(values()).hasSize(2 * EtcdChange.MOST_PUTS);
        requireConsistent();
    }

    /** Many writers whose transactions interleave in every way, and a model that knows what must be there. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void interleavedChangesKeepTheDirectoriesRight(long seed) {
        Random random = new Random(seed);
        Map<Key, Boolean> model = new TreeMap<>();
        Deque<Pending> pending = new ArrayDeque<>();
        for (int step = 0; step < 4_000; step++) {
            if (pending.size() < 4 && step < 3_900) {
                List<Mutation> mutations = randomChange(random);
                EtcdChange change = new EtcdChange(keys, mutations);
                boolean guess = mutations.stream().allMatch(Mutation.Put.class::isInstance) && random.nextBoolean();
                TxnRequest first =
                        guess ? EtcdChange.intoPresent(keys, change.homes(), mutations) : change.optimistic();
                pending.add(new Pending(change, mutations, first, guess));
            }
            if (pending.isEmpty()) {
                break;
            }
            IntStream.range(0, random.nextInt(4)).forEach(i -> pending.add(pending.remove()));
            Pending next = pending.remove();
            TxnResponse answer = etcd.commit(next.txn);
            Optional<TxnRequest> again = answer.getSucceeded()
                    ? Optional.empty()
                    : next.guess ? Optional.of(next.change.optimistic()) : next.change.informed(answer);
            again.ifPresent(txn -> pending.add(new Pending(next.change, next.mutations, txn, false)));
            if (again.isEmpty()) {
                next.mutations.forEach(mutation -> note(model, mutation));
            }
            requireConsistent();
            assertThat(values()).isEqualTo(model.keySet());
        }
    }

    /** @param guess whether it goes by a guess that the directories are there */
    private record Pending(EtcdChange change, List<Mutation> mutations, TxnRequest txn, boolean guess) {}

    private static void note(Map<Key, Boolean> model, Mutation mutation) {
        if (mutation instanceof Mutation.Put) {
            model.put(mutation.key(), true);
        } else {
            model.remove(mutation.key());
        }
    }

    private static List<Mutation> randomChange(Random random) {
        Map<Key, Mutation> mutations = new LinkedHashMap<>();
        int count = random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            StringBuilder path = new StringBuilder(random.nextBoolean() ? "a" : "b");
            for (int depth = random.nextInt(4); depth > 0; depth--) {
                path.append('/').append(random.nextBoolean() ? "a" : "b");
            }
            Key key = Key.of(path.toString());
            mutations.put(
                    key,
                    random.nextInt(5) < 2 ? new Mutation.Put(Entry.of(key, new byte[1])) : new Mutation.Delete(key));
        }
        return List.copyOf(mutations.values());
    }

    /** Applies a change as the backend does and returns how many transactions it took. */
    private int apply(List<Mutation> mutations) {
        EtcdChange change = new EtcdChange(keys, mutations);
        TxnRequest txn = change.optimistic();
        for (int transactions = 1; ; transactions++) {
            TxnResponse answer = etcd.commit(txn);
            Optional<TxnRequest> again = answer.getSucceeded() ? Optional.empty() : change.informed(answer);
            if (again.isEmpty()) {
                return transactions;
            }
            txn = again.get();
        }
    }

    /** A directory has a marker exactly while it has a child, and the marker names one. */
    private void requireConsistent() {
        Map<String, Set<String>> children = new TreeMap<>();
        Map<String, String> markers = new TreeMap<>();
        etcd.keys.forEach((key, value) -> {
            String path = key.toStringUtf8().substring("p/d/".length());
            int end = path.indexOf("//") + 1;
            String directory = path.startsWith("/") ? "" : path.substring(0, end);
            String name = path.substring(path.startsWith("/") ? 1 : end + 1);
            children.computeIfAbsent(directory, d -> new TreeSet<>()).add(name);
            if (name.endsWith("/")) {
                markers.put(directory + name, value.getValue().toStringUtf8());
            }
        });
        children.remove("");
        assertThat(markers.keySet()).isEqualTo(children.keySet());
        markers.forEach((directory, child) ->
                assertThat(children.get(directory)).as(directory).contains(child));
    }

    private Set<Key> values() {
        Set<Key> found = new TreeSet<>();
        names().stream().filter(name -> !name.endsWith("/")).forEach(name -> {
            String path = name.substring("p/d/".length()).replace("//", "/");
            found.add(Key.of(path.startsWith("/") ? path.substring(1) : path));
        });
        return found;
    }

    private List<String> names() {
        return etcd.keys.keySet().stream().map(key -> key.toStringUtf8()).toList();
    }

    private static List<Mutation> put(String key) {
        return List.of(new Mutation.Put(Entry.of(Key.of(key), new byte[1])));
    }

    private static List<Mutation> delete(String key) {
        return List.of(new Mutation.Delete(Key.of(key)));
    }
}
