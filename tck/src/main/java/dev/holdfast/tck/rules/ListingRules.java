package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.bytes;
import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Listing. */
public final class ListingRules {
    private static final int MANY = 2_500;
    private static final int LONG_NAME = 440; // 2,500 of these are more than 1 MiB of names
    private static final int LEAST_ROUNDS = 100;
    private static final int MOST_ROUNDS = 1_000;
    private static final Duration ROUNDS_FOR = Duration.ofSeconds(3);

    /** A tree with every kind of neighbour, listed at every level, with locks and fences present. */
    @Verifies(value = Rule.LS_01, parallel = true)
    public void aListingIsExact(Trial trial) throws InterruptedException {
        Backend backend = trial.open();
        Model model = new Model();
        if (trial.declares(Capability.LOCKS)) {
            Lease unused = trial.openHA().lock(key("foo/lock"), "kit").acquire();
        }
        Backend writer = backend instanceof FencingBackend fencing && trial.declares(Capability.FENCING)
                ? fencing.fence(7)
                : backend;
        for (String path : List.of(
                "foo",
                "foo/bar",
                "foo/bar/deep",
                "foo/z",
                "foo-bar",
                "foo.bar",
                "foo0",
                "foobar",
                "fo",
                "g/h/i/j/k",
                "g/h",
                "Foo/x",
                "\uFFFD",
                "\uD83D\uDE00",
                "\uD83D\uDE00/x",
                "\uFFFE/x",
                "\uFFFF",
                "100%/x",
                "100%/%/x",
                "a+b%20/x",
                "z/only/deep",
                "é/a",
                "é")) {
            add(writer, model, path);
        }
        Random random = trial.random();
        for (int i = 0; i < 60; i++) {
            add(writer, model, "r" + random.nextInt(6) + "/" + random.nextInt(4) + "/" + random.nextInt(3));
        }
        check(trial.open(), model);
        for (Prefix nothing :
                List.of(Prefix.of("absent/"), Prefix.of("foobar/"), Prefix.of("f/"), Prefix.of("foo/z/"))) {
            assertThat(backend.list(nothing))
                    .as("list of '" + nothing + "', which has nothing below")
                    .isEmpty();
        }
        for (Key key : List.copyOf(model.keys())) {
            if (random.nextBoolean()) {
                writer.delete(key);
                model.delete(key);
            }
        }
        check(backend, model);
    }

    private static void add(Backend backend, Model model, String path) {
        backend.put(Entry.of(key(path), bytes(path)));
        model.put(key(path), bytes(path));
    }

    private static void check(Backend backend, Model model) {
        for (Prefix prefix : model.prefixes()) {
            assertThat(backend.list(prefix)).as("list of '" + prefix + "'").isEqualTo(model.list(prefix));
        }
    }

    /** Deleting the last child removes every level above that has become empty. */
    @Verifies(value = Rule.LS_02, parallel = true)
    public void noDirectoryOutlivesItsLastChild(Trial trial) {
        Backend backend = trial.open();
        put(backend, "a/b/c/d/e", "1");
        put(backend, "a/b/x", "1");
        backend.delete(key("a/b/c/d/e"));
        assertThat(backend.list(Prefix.of("a/b/")))
                .as("after the last key below a/b/c/")
                .containsExactly("x");
        backend.delete(key("a/b/x"));
        assertThat(backend.list(Prefix.ROOT)).as("after the last key of all").isEmpty();
        assertThat(backend.list(Prefix.of("a/"))).as("of a level that is gone").isEmpty();
    }

    /** The delete of the last child races the put of its sibling. */
    @Verifies(value = Rule.LS_02, parallel = true)
    public void aPutBesideTheLastDeleteIsNeverLost(Trial trial) throws Exception {
        Backend first = trial.open();
        Backend second = trial.open();
        long end = System.nanoTime() + ROUNDS_FOR.toNanos();
        for (int round = 0; round < LEAST_ROUNDS || (round < MOST_ROUNDS && System.nanoTime() - end < 0); round++) {
            String directory = "d" + round + "/e/";
            put(first, directory + "old", "1");
            trial.race(2, Duration.ofSeconds(20), number -> {
                if (number == 0) {
                    first.delete(key(directory + "old"));
                } else {
                    put(second, directory + "new", "1");
                }
            });
            String when = "round " + round + ", after delete of 'old' raced put of 'new': ";
            assertThat(get(first, directory + "new")).as(when + "the new value").contains("1");
            assertThat(first.list(Prefix.of(directory))).as(when + "its level").containsExactly("new");
            assertThat(first.list(Prefix.of("d" + round + "/")))
                    .as(when + "the level above")
                    .containsExactly("e/");
            second.delete(key(directory + "new"));
            assertThat(second.list(Prefix.ROOT)).as(when + "after its delete").isEmpty();
        }
    }

    /** Several clients put and delete in one deep tree; what is left is listed exactly. */
    @Verifies(value = Rule.LS_02, parallel = true)
    public void aTreeUnderConcurrentChangeEndsExact(Trial trial) throws Exception {
        int writers = 4;
        List<Backend> clients = new ArrayList<>();
        List<Long> seeds = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            clients.add(trial.open());
            seeds.add(trial.random().nextLong());
        }
        List<List<String>> left = new ArrayList<>(List.of(List.of(), List.of(), List.of(), List.of()));
        trial.race(writers, Duration.ofSeconds(40), number -> {
            Random random = new Random(seeds.get(number));
            List<String> mine = new ArrayList<>();
            for (int i = 0; i < 120; i++) {
                if (mine.size() < 2 || random.nextBoolean()) {
                    String path = "t/" + random.nextInt(2) + "/" + random.nextInt(2) + "/w" + number + "-" + i;
                    put(clients.get(number), path, "1");
                    mine.add(path);
                } else {
                    clients.get(number).delete(key(mine.remove(random.nextInt(mine.size()))));
                }
            }
            while (random.nextBoolean() && !mine.isEmpty()) {
                clients.get(number).delete(key(mine.remove(0)));
            }
            left.set(number, mine);
        });
        Model model = new Model();
        left.forEach(paths -> paths.forEach(path -> model.put(key(path), new byte[0])));
        check(trial.open(), model);
    }

    /** More children, and more bytes of names, than one page of any store. */
    @Verifies(value = Rule.LS_03, parallel = true)
    public void aListingIsCompleteBeyondAnyPage(Trial trial) throws Exception {
        long began = System.nanoTime();
        Backend backend = trial.open();
        @Nullable
        Lease lease = trial.declares(Capability.LOCKS)
                ? ((HABackend) backend).lock(key("held"), "kit").acquire()
                : null;
        int length = Math.min(LONG_NAME, backend.limits().maxKeyBytes() - 20);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            names.add(String.format("%05d-", i) + "n".repeat(Math.max(1, length - 6)));
        }
        trial.race(16, Duration.ofSeconds(50), number -> {
            for (int i = number; i < MANY; i += 16) {
                put(backend, "many/" + names.get(i), "");
                if (i % 50 == 0) {
                    put(backend, "many/" + names.get(i) + "/below", "");
                }
            }
        });
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            expected.add(names.get(i));
            if (i % 50 == 0) {
                expected.add(names.get(i) + "/");
            }
        }
        Prefix many = Prefix.of("many/");
        assertThat(backend.list(many, "", MANY * 2)).as("in one call").isEqualTo(expected);
        assertThat(backend.list(many)).as("page by page").isEqualTo(expected);
        assertThat(get(backend, "many/" + names.get(0)))
                .as("a get after the listing")
                .contains("");
        if (lease != null && !lease.isHeld()) {
            long now = System.nanoTime();
            throw trial.machine()
                    .unexpected(
                            "a lease that the same client holds was lost to its listings",
                            trial.lockTtl().dividedBy(4),
                            began,
                            now);
        }
    }

    /** Every cut of a listing, at names, between them and inside subtrees. */
    @Verifies(value = Rule.LS_04, parallel = true)
    public void pagingCutsExactly(Trial trial) {
        Backend backend = trial.open();
        Model model = new Model();
        for (String path : List.of(
                "p/a",
                "p/a/1",
                "p/a/2/3",
                "p/a-b",
                "p/a.b/x",
                "p/a0",
                "p/b/1",
                "p/b/2",
                "p/b/3",
                "p/c",
                "p/é/x",
                "p/\uD83D\uDE00",
                "p/\uFFFD/y",
                "p/z",
                "pz",
                "p")) {
            add(backend, model, path);
        }
        Prefix prefix = Prefix.of("p/");
        List<String> cuts = new ArrayList<>(model.list(prefix));
        cuts.addAll(List.of(
                "",
                " ",
                "a",
                "a/",
                "a/0",
                "a/1",
                "a/2",
                "a/~",
                "a-",
                "b",
                "b/",
                "b/2",
                "b0",
                "c/",
                "é",
                "é/x",
                "zz",
                "\uFFFD",
                "\uD83D\uDE00/",
                "\u007f"));
        for (String after : cuts) {
            for (int limit : new int[] {1, 2, 3, 7, 1_000, Integer.MAX_VALUE}) {
                assertThat(backend.list(prefix, after, limit))
                        .as("list of 'p/' after '%s', limit %d", after, limit)
                        .isEqualTo(model.list(prefix, after, limit));
            }
        }
        assertThat(backend.list(Prefix.ROOT, "p", 5)).as("root after 'p'").containsExactly("p/", "pz");
        assertThat(Thrown.by(() -> backend.list(prefix, "", 0)))
                .as("limit 0")
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Names that stay while others come and go appear exactly once in a walk. */
    @Verifies(value = Rule.LS_04, parallel = true)
    public void aWalkAmongWritersGivesEachSteadyNameOnce(Trial trial) throws Exception {
        Backend writer = trial.open();
        Backend reader = trial.open();
        for (int i = 0; i < 60; i++) {
            put(writer, String.format("w/s%03d", i) + (i % 3 == 0 ? "/x" : ""), "");
        }
        List<String> steady = reader.list(Prefix.of("w/"));
        trial.race(2, Duration.ofSeconds(30), number -> {
            for (int round = 0; round < 30; round++) {
                if (number == 0) {
                    put(writer, String.format("w/s%03dt", round), "");
                    writer.delete(key(String.format("w/s%03dt", round)));
                    continue;
                }
                List<String> walked = new ArrayList<>();
                List<String> page = reader.list(Prefix.of("w/"), "", 7);
                while (!page.isEmpty()) {
                    walked.addAll(page);
                    page = reader.list(Prefix.of("w/"), page.get(page.size() - 1), 7);
                }
                walked.removeIf(name -> name.endsWith("t"));
                assertThat(walked).as("walk " + round + " in pages of 7").isEqualTo(steady);
            }
        });
    }
}
