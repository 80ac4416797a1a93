package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.bytes;
import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Getting, putting and deleting. */
public final class StorageRules {
    private static final int OPERATIONS = 500;

    /** Fewer random operations show too little. */
    private static final int ENOUGH = 150;

    /** From then on those that were enough will do. */
    private static final Duration LONG = Duration.ofSeconds(15);

    private static final Duration TOO_LONG = Duration.ofSeconds(45);
    private static final int LONG_NAME = 200;

    /** Absent keys read as empty and can be deleted. */
    @Verifies(value = Rule.KV_01, parallel = true)
    public void anAbsentKeyReadsAsEmpty(Trial trial) {
        Backend backend = trial.open();
        assertThat(backend.get(key("never"))).as("a key never written").isEmpty();
        assertThat(backend.get(key("never/below")))
                .as("a key below one never written")
                .isEmpty();
        backend.delete(key("never"));
        backend.delete(key("never"));
        put(backend, "once", "1");
        put(backend, "parent/child", "1");
        assertThat(backend.get(key("parent")))
                .as("a key that only has others below it")
                .isEmpty();
        backend.delete(key("parent"));
        assertThat(get(backend, "parent/child"))
                .as("a child after its absent parent was deleted")
                .contains("1");
        backend.delete(key("once"));
        assertThat(backend.get(key("once"))).as("a deleted key").isEmpty();
        backend.delete(key("once"));
        assertThat(trial.open().get(key("once")))
                .as("a key deleted twice, by another client")
                .isEmpty();
    }

    /** Seeded random operations by two clients against a model; as many as a slow store gets done in a while. */
    @Verifies(value = Rule.KV_02, parallel = true)
    public void acknowledgedWritesAreSeenByEveryClient(Trial trial) throws InterruptedException {
        boolean atOnce = trial.declares(Capability.LINEARIZABLE_READS);
        List<Backend> clients = List.of(trial.open(), trial.open());
        Random random = trial.random();
        Model model = new Model();
        long start = System.nanoTime();
        for (int step = 1; step <= OPERATIONS; step++) {
            long took = System.nanoTime() - start;
            if (step > ENOUGH && took > LONG.toNanos()) {
                return;
            }
            if (took > TOO_LONG.toNanos()) {
                throw new UnverifiedException("only " + (step - 1) + " operations in " + TOO_LONG.toSeconds()
                        + " s; at least " + ENOUGH + " are needed");
            }
            Backend writer = clients.get(random.nextInt(2));
            Backend reader = clients.get(random.nextInt(2));
            Key key = randomKey(random);
            boolean put = random.nextInt(3) > 0;
            if (put) {
                byte[] value = bytes(random, random.nextInt(64));
                writer.put(Entry.of(key, value));
                model.put(key, value);
            } else {
                writer.delete(key);
                model.delete(key);
            }
            String where = String.format(
                    "step %d, %s '%s', read by %s client",
                    step, put ? "put" : "delete", key, writer == reader ? "the same" : "the other");
            if (!atOnce && writer != reader) {
                trial.await(
                        where + ", within request_timeout", trial.requestTimeout(), () -> shows(reader, key, model));
            }
            assertThat(reader.get(key).map(Entry::value).map(Arrays::toString))
                    .as(where)
                    .isEqualTo(model.get(key).map(Arrays::toString));
            assertThat(reader.list(key.parent()))
                    .as(where + ", list of '" + key.parent() + "'")
                    .isEqualTo(model.list(key.parent()));
        }
    }

    private static boolean shows(Backend reader, Key key, Model model) {
        return reader.get(key)
                        .map(Entry::value)
                        .map(Arrays::toString)
                        .equals(model.get(key).map(Arrays::toString))
                && reader.list(key.parent()).equals(model.list(key.parent()));
    }

    private static Key randomKey(Random random) {
        List<String> names = List.of("a", "b", "ab", "a-b", "a0", "é", "z z");
        StringBuilder path = new StringBuilder(names.get(random.nextInt(names.size())));
        for (int depth = random.nextInt(4); depth > 0; depth--) {
            path.append('/').append(names.get(random.nextInt(names.size())));
        }
        return key(path.toString());
    }

    /** Keys that a careless mapping folds together. */
    @Verifies(value = Rule.KV_04, parallel = true)
    public void keysNeverAlias(Trial trial) {
        Backend backend = trial.open();
        String longName = "n".repeat(LONG_NAME);
        List<String> paths = List.of(
                "a/b",
                "a%2Fb",
                "a%2fb",
                "a%252Fb",
                "a%",
                "a",
                "A",
                "a ",
                " a",
                "a.",
                "a..",
                ".a",
                "...",
                "_a",
                "__a",
                "a_",
                "a-",
                "a+b",
                "a b",
                "a%20b",
                "a\\b",
                "a:b",
                "a*",
                "a?b",
                "a#b",
                "a&b",
                "é",
                "e\u0301",
                "É",
                "ß",
                "ss",
                "ﬀ",
                "ff",
                "\uD83D\uDE00",
                "\uFFFD",
                "\uE000",
                "a=b",
                "a,b",
                "a;b",
                "a'b",
                "a\"b",
                "a<b>",
                "a|b",
                "~",
                "$a",
                "{a}",
                "a@b",
                "con",
                "nul",
                "0",
                "00",
                longName,
                longName + "/x",
                longName + "n",
                "a/_b",
                "a/b%",
                "a/b.",
                "d/" + longName,
                "lock",
                "fence",
                "data",
                "a/b/c");
        List<String> stored = new ArrayList<>();
        List<String> shuffled = new ArrayList<>(paths);
        Collections.shuffle(shuffled, trial.random());
        for (String path : shuffled) {
            try {
                put(backend, path, "value of " + path);
                stored.add(path);
            } catch (BackendException.InvalidRequest | BackendException.LimitExceeded e) {
                isRefused(backend, path, e);
            }
        }
        assertThat(stored).as("keys accepted, of " + paths.size()).hasSizeGreaterThan(paths.size() / 2);
        for (String path : stored) {
            assertThat(get(backend, path)).as("the value of '" + path + "'").contains("value of " + path);
        }
        Model model = new Model();
        stored.forEach(path -> model.put(key(path), bytes("value of " + path)));
        for (Prefix prefix : model.prefixes()) {
            assertThat(backend.list(prefix))
                    .as("the listing of '%s', without what was refused", prefix)
                    .isEqualTo(model.list(prefix));
        }
        for (String path : stored.subList(0, stored.size() / 2)) {
            backend.delete(key(path));
        }
        for (String path : stored.subList(stored.size() / 2, stored.size())) {
            assertThat(get(backend, path))
                    .as("'" + path + "' after others were deleted")
                    .contains("value of " + path);
        }
    }

    /** The right kind of refusal, and nothing to be read behind it. */
    private static void isRefused(Backend backend, String path, BackendException refusal) {
        Class<? extends BackendException> expected = path.length() >= LONG_NAME
                ? BackendException.LimitExceeded.class
                : BackendException.InvalidRequest.class;
        assertThat(refusal).as("the refusal of key '%s'", path).isInstanceOf(expected);
        try {
            assertThat(backend.get(key(path))).as("refused key '%s'", path).isEmpty();
        } catch (BackendException.InvalidRequest | BackendException.LimitExceeded e) {
            assertThat(e).as("the refusal of a get of key '%s'", path).isInstanceOf(expected);
        }
    }

    /** A key and what lies below it are independent. */
    @Verifies(value = Rule.KV_05, parallel = true)
    public void aKeyAndItsPrefixCoexist(Trial trial) {
        Backend backend = trial.open();
        for (boolean parentFirst : new boolean[] {true, false}) {
            for (boolean deleteParentFirst : new boolean[] {true, false}) {
                String way = "parent put " + (parentFirst ? "first" : "last") + ", deleted "
                        + (deleteParentFirst ? "first" : "last") + ": ";
                put(backend, parentFirst ? "foo" : "foo/bar", parentFirst ? "P" : "C");
                put(backend, parentFirst ? "foo/bar" : "foo", parentFirst ? "C" : "P");
                put(backend, "foo/bar/deep", "D");
                assertThat(backend.list(Prefix.ROOT)).as(way + "both listed").containsExactly("foo", "foo/");
                backend.delete(key(deleteParentFirst ? "foo" : "foo/bar"));
                String left = deleteParentFirst ? "foo/bar" : "foo";
                assertThat(get(backend, left))
                        .as(way + "'" + left + "' after the other was deleted")
                        .isPresent();
                assertThat(get(backend, "foo/bar/deep"))
                        .as(way + "'foo/bar/deep'")
                        .contains("D");
                backend.delete(key(left));
                assertThat(backend.list(Prefix.ROOT))
                        .as(way + "only the deep one left")
                        .containsExactly("foo/");
                backend.delete(key("foo/bar/deep"));
                assertThat(backend.list(Prefix.ROOT)).as(way + "nothing left").isEmpty();
            }
        }
    }

    /** What was acknowledged before a kill of the store is there afterwards. */
    @Verifies(Rule.KV_09)
    public void acknowledgedWritesSurviveARestart(Trial trial) throws Exception {
        StoreControl control = trial.control();
        Backend before = trial.open();
        Model model = new Model();
        for (int i = 0; i < 100; i++) {
            Key key = randomKey(trial.random());
            byte[] value = bytes(trial.random(), 200);
            before.put(Entry.of(key, value));
            model.put(key, value);
        }
        boolean fences = before.capabilities().contains(Capability.FENCING);
        if (fences) {
            Backend unused = ((FencingBackend) before).fence(1_000);
        }
        control.restart();
        Backend after = trial.open();
        for (Key key : model.keys()) {
            assertThat(after.get(key).map(Entry::value).map(Arrays::toString))
                    .as("'" + key + "' after the restart")
                    .isEqualTo(model.get(key).map(Arrays::toString));
        }
        assertThat(after.list(Prefix.ROOT)).as("the listing after the restart").isEqualTo(model.list(Prefix.ROOT));
        if (fences) {
            assertThat(Thrown.by(() -> ((FencingBackend) after).fence(999)))
                    .as("a fence below the one that was raised before the restart")
                    .isInstanceOf(BackendException.Fenced.class);
        }
    }
}
