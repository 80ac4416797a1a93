package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.Key;
import java.util.List;
import org.junit.jupiter.api.Test;

class EtcdKeysTest {
    private final EtcdKeys keys = new EtcdKeys("p/");

    @Test
    void theLayoutCanBeReadByAPerson() {
        assertThat(keys.value(Key.of("core/users/alice")).toStringUtf8()).isEqualTo("p/d/core/users//alice");
        assertThat(keys.value(Key.of("alone")).toStringUtf8()).isEqualTo("p/d//alone");
        assertThat(keys.marker("core/users/").toStringUtf8()).isEqualTo("p/d/core//users/");
        assertThat(keys.marker("core/").toStringUtf8()).isEqualTo("p/d//core/");
        assertThat(keys.fence().toStringUtf8()).isEqualTo("p/f");
        assertThat(keys.contender(Key.of("core/lock"), 0x694dL, 7).toStringUtf8())
                .isEqualTo("p/l/core/lock//694d-7");
        assertThat(keys.gate(0x694dL).toStringUtf8()).isEqualTo("p/l//694d");
    }

    @Test
    void aDirectoryIsOneRangeThatHoldsItsChildrenOnly() {
        EtcdKeys.Range children = keys.children("a/", "");
        for (String name : List.of("b", "b/", "!", "-", "0", "~", "é", "\uD83D\uDE00")) {
            assertThat(in(children, keys.child("a/", name))).as(name).isTrue();
        }
        for (String elsewhere : List.of("a", "a/b/c", "a!", "a0", "aa/b", "A/b", "b", "a/b/c/d")) {
            assertThat(in(children, keys.value(Key.of(elsewhere))))
                    .as(elsewhere)
                    .isFalse();
        }
        assertThat(in(children, keys.marker("a/"))).isFalse();
        assertThat(in(keys.children("", ""), keys.value(Key.of("a")))).isTrue();
        assertThat(in(keys.children("", ""), keys.value(Key.of("a/b")))).isFalse();
    }

    @Test
    void aPageBeginsBehindTheNameThatItComesAfter() {
        EtcdKeys.Range rest = keys.children("a/", "b");
        assertThat(in(rest, keys.child("a/", "b"))).isFalse();
        assertThat(in(rest, keys.child("a/", "b/"))).isTrue();
        assertThat(in(rest, keys.child("a/", "b!"))).isTrue();
        assertThat(in(keys.children("a/", "b/zz"), keys.child("a/", "b/"))).isFalse();
        assertThat(in(keys.children("a/", "b/zz"), keys.child("a/", "b0"))).isTrue();
    }

    @Test
    void aSubtreeIsOneRangeAtEveryDepth() {
        EtcdKeys.Range subtree = keys.subtree("a/b/");
        assertThat(in(subtree, keys.value(Key.of("a/b/c")))).isTrue();
        assertThat(in(subtree, keys.value(Key.of("a/b/c/d/e")))).isTrue();
        assertThat(in(subtree, keys.marker("a/b/c/"))).isTrue();
        assertThat(in(subtree, keys.marker("a/b/"))).isFalse();
        assertThat(in(subtree, keys.value(Key.of("a/b")))).isFalse();
        assertThat(in(subtree, keys.value(Key.of("a/bc/d")))).isFalse();
        assertThat(in(subtree, keys.value(Key.of("a/b0")))).isFalse();
    }

    @Test
    void oneLocksQueueIsNotPartOfAnother() {
        EtcdKeys.Range queue = keys.queue(Key.of("a"));
        assertThat(in(queue, keys.contender(Key.of("a"), 1, 1))).isTrue();
        for (String other : List.of("a/b", "b", "a!", "aa", "a0")) {
            assertThat(in(queue, keys.contender(Key.of(other), 1, 1))).as(other).isFalse();
        }
        assertThat(in(queue, keys.gate(1))).isFalse();
    }

    @Test
    void namesAreFoundAtEachLevel() {
        assertThat(EtcdKeys.parent("a/b/")).isEqualTo("a/");
        assertThat(EtcdKeys.parent("a/")).isEmpty();
        assertThat(EtcdKeys.nameIn("", "a/b/c")).isEqualTo("a/");
        assertThat(EtcdKeys.nameIn("a/b/", "a/b/c")).isEqualTo("c");
        assertThat(EtcdKeys.nameIn("a/", "a/b/")).isEqualTo("b/");
    }

    private static boolean in(EtcdKeys.Range range, ByteString key) {
        var order = ByteString.unsignedLexicographicalComparator();
        return order.compare(range.start(), key) <= 0 && order.compare(key, range.end()) < 0;
    }
}
