package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.holdfast.spi.Key;
import java.util.List;
import org.apache.zookeeper.common.PathUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZooKeeperKeysTest {
    private final ZooKeeperKeys keys = new ZooKeeperKeys("/p");

    @Test
    void theLayoutCanBeReadByAPerson() {
        assertThat(keys.value(Key.of("core/users/alice"))).isEqualTo("/p/d/+core/+users/=alice");
        assertThat(keys.value(Key.of("alone"))).isEqualTo("/p/d/=alone");
        assertThat(keys.directory("")).isEqualTo("/p/d");
        assertThat(keys.directory("core/users/")).isEqualTo("/p/d/+core/+users");
        assertThat(keys.fence()).isEqualTo("/p/f");
        assertThat(keys.queue(Key.of("core/lock"))).isEqualTo("/p/l/core%2flock");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a/",
                "=",
                "+",
                "+a/",
                "%",
                "%25",
                "%2f/",
                " ",
                "a.",
                "é",
                "e\u0301",
                "\uD83D\uDE00/",
                "\uFFFD",
                "\uE000",
                "\uF8FF",
                "\uF900",
                "\uFFEF",
                "\uFFF0",
                "\uD7FF",
                "\u00A0"
            })
    void everyNameIsAllowedAndComesBack(String name) {
        String node = ZooKeeperKeys.node(name);
        assertThatCode(() -> PathUtils.validatePath("/" + node)).as(node).doesNotThrowAnyException();
        assertThat(ZooKeeperKeys.child(node)).contains(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "=", "+", "=%", "=%2", "=%zz", "=%41", "=%2F", "=%ff"})
    void whatNobodyHereHasWrittenIsNoChild(String node) {
        assertThat(ZooKeeperKeys.child(node)).isEmpty();
    }

    @Test
    void oneLockIsNoPartOfAnother() {
        assertThat(keys.queue(Key.of("a/b"))).isNotEqualTo(keys.queue(Key.of("a%2fb")));
        assertThat(keys.queue(Key.of("a/b"))).doesNotStartWith(keys.queue(Key.of("a")) + "/");
    }

    @Test
    void namesAreFoundAtEachLevel() {
        assertThat(ZooKeeperKeys.directories(Key.of("a/b/c"))).isEqualTo(List.of("a/", "a/b/"));
        assertThat(ZooKeeperKeys.directories(Key.of("a"))).isEmpty();
        assertThat(ZooKeeperKeys.parent("a/b/")).isEqualTo("a/");
        assertThat(ZooKeeperKeys.parent("a/")).isEmpty();
        assertThat(ZooKeeperKeys.nameIn("", "a/b/c")).isEqualTo("a/");
        assertThat(ZooKeeperKeys.nameIn("a/b/", "a/b/c")).isEqualTo("c");
        assertThat(ZooKeeperKeys.nameIn("a/", "a/b/")).isEqualTo("b/");
    }
}
