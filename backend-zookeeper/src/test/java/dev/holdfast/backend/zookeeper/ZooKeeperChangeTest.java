package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.backend.zookeeper.ZooKeeperChange.Seen;
import dev.holdfast.backend.zookeeper.ZooKeeperChange.View;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.Test;

class ZooKeeperChangeTest {
    private final ZooKeeperKeys keys = new ZooKeeperKeys("/p");
    private final Set<Key> present = new HashSet<>();
    private final Map<String, Seen> directories = new HashMap<>();

    @Test
    void aPutMakesWhatIsMissingAboveIt() {
        sees("a/", "=other", 1);
        assertThat(plan(put("a/b/c/d")))
                .containsExactly("create /p/d/+a/+b", "create /p/d/+a/+b/+c", "create /p/d/+a/+b/+c/=d");
    }

    @Test
    void aPutOfAKnownKeyChangesItsValueOnly() {
        present.add(Key.of("a/b"));
        sees("a/", "=b", 1);
        assertThat(plan(put("a/b"))).containsExactly("set /p/d/+a/=b");
    }

    @Test
    void aDeleteBesideOthersChecksThatOneOfThemIsThere() {
        present.add(Key.of("a/b"));
        sees("a/", "=other", 2);
        assertThat(plan(delete("a/b"))).containsExactly("delete /p/d/+a/=b", "check /p/d/+a/=other");
    }

    @Test
    void aDeleteOfTheLastChildRemovesTheDirectoriesThatBecomeEmpty() {
        present.add(Key.of("a/b/c"));
        sees("a/", "=other", 2);
        sees("a/b/", "=c", 1);
        assertThat(plan(delete("a/b/c")))
                .containsExactly("delete /p/d/+a/+b/=c", "delete /p/d/+a/+b", "check /p/d/+a/=other");
    }

    /** Somebody deleted the key between the two parts of the look; somebody else may have put it again since. */
    @Test
    void aKeyWithoutADirectoryAroundItIsLookedAtOnceMore() {
        present.add(Key.of("a/b"));
        assertThat(change(delete("a/b")).plan(view())).isEmpty();
    }

    @Test
    void aDeleteOfTheVeryChildThatIsNamedNamesAnother() {
        present.add(Key.of("a/b"));
        sees("a/", "=b", 3);
        ZooKeeperChange change = change(delete("a/b"));
        assertThat(change.plan(view())).isEmpty();
        assertThat(change.mustList("a/")).isTrue();
        directories.put("a/", new Seen("=b", 2, Optional.of(List.of("=b", "+x"))));
        assertThat(change.plan(view()).map(ZooKeeperChangeTest::texts))
                .hasValue(List.of("delete /p/d/+a/=b", "check /p/d/+a/+x", "set /p/d/+a"));
    }

    @Test
    void aHintThatTurnsOutWrongIsNotFollowedAgain() {
        present.add(Key.of("a/b"));
        sees("a/", "+gone", 2);
        ZooKeeperChange change = change(delete("a/b"));
        change.failed(Op.check("/p/d/+a/+gone", -1));
        assertThat(change.mustList("a/")).isTrue();
    }

    @Test
    void whatIsDeletedWhileItIsAbsentMustStillBeAbsentThen() {
        sees("a/", "=x", 1);
        assertThat(plan(delete("a/b"), put("a/x")))
                .containsExactly("create /p/d/+a/=b", "delete /p/d/+a/=b", "create /p/d/+a/=x");
        assertThat(plan(delete("m/n/o"), put("a/x"))).contains("create /p/d/+m", "delete /p/d/+m");
        assertThat(change(delete("a/b")).isVoid(view())).isTrue();
    }

    @Test
    void aPutKeepsTheDirectoryThatADeleteWouldEmpty() {
        present.add(Key.of("a/b"));
        sees("a/", "=b", 1);
        assertThat(plan(delete("a/b"), put("a/c"))).containsExactly("delete /p/d/+a/=b", "create /p/d/+a/=c");
    }

    @Test
    void severalDeletesEmptyADirectoryTogether() {
        present.addAll(Set.of(Key.of("a/b"), Key.of("a/c")));
        sees("a/", "=b", 2);
        assertThat(plan(delete("a/b"), delete("a/c")))
                .containsExactly("delete /p/d/+a/=b", "delete /p/d/+a/=c", "delete /p/d/+a");
    }

    /** As the limits promise for any key: one whose every segment takes five times its length, below the longest path. */
    @Test
    void theLargestValueFitsBesideTheDirectoriesOfTheDeepestKey() {
        int length = ZooKeeperBackend.LIMITS.maxKeyBytes();
        String deepest = "%/".repeat(length / 2 - 1) + "%%";
        Entry entry = Entry.of(Key.of(deepest), new byte[ZooKeeperBackend.LIMITS.maxValueBytes()]);
        List<ACL> acl = List.of(new ACL(ZooDefs.Perms.ALL, new Id("digest", "u".repeat(60))));
        ZooKeeperChange change =
                new ZooKeeperChange(new ZooKeeperKeys("/" + "p".repeat(99)), acl, List.of(new Mutation.Put(entry)));
        List<Op> operations = change.plan(view()).orElseThrow();
        assertThat(operations).hasSize(length / 2);
        assertThat(ZooKeeperCall.size(operations)).isLessThan(ZooKeeperWriter.LARGEST_REQUEST);
    }

    private void sees(String directory, String hint, int children) {
        directories.put(directory, new Seen(hint, children, Optional.empty()));
    }

    private View view() {
        return new View(present, directories);
    }

    private ZooKeeperChange change(Mutation... mutations) {
        return new ZooKeeperChange(keys, ZooDefs.Ids.OPEN_ACL_UNSAFE, Arrays.asList(mutations));
    }

    private List<String> plan(Mutation... mutations) {
        return texts(change(mutations).plan(view()).orElseThrow());
    }

    private static List<String> texts(List<Op> operations) {
        return operations.stream()
                .map(operation -> name(operation.getType()) + " " + operation.getPath())
                .toList();
    }

    private static String name(int type) {
        return switch (type) {
            case ZooDefs.OpCode.create -> "create";
            case ZooDefs.OpCode.setData -> "set";
            case ZooDefs.OpCode.delete -> "delete";
            case ZooDefs.OpCode.check -> "check";
            default -> "other";
        };
    }

    private static Mutation put(String key) {
        return new Mutation.Put(Entry.of(Key.of(key), new byte[] {1}));
    }

    private static Mutation delete(String key) {
        return new Mutation.Delete(Key.of(key));
    }
}
