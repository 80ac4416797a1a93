package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ZooKeeperQueueTest {
    @Test
    void theOldestIsFirstAndEachKnowsTheOneRightAhead() {
        List<String> names = List.of("ff-1-0000000012", "1a-9-0000000009", "ff-2-0000000010");
        assertThat(ZooKeeperQueue.first(names)).contains("1a-9-0000000009");
        assertThat(ZooKeeperQueue.before("ff-1-0000000012", names)).contains("ff-2-0000000010");
        assertThat(ZooKeeperQueue.before("ff-2-0000000010", names)).contains("1a-9-0000000009");
        assertThat(ZooKeeperQueue.before("1a-9-0000000009", names)).isEmpty();
        assertThat(ZooKeeperQueue.first(List.of())).isEmpty();
    }

    /** ZooKeeper counts on below zero. */
    @Test
    void theOrderOutlivesTheWrapOfTheNumbers() {
        List<String> names = List.of("a-3--2147483648", "a-1-2147483646", "a-2-2147483647", "a-4--2147483647");
        assertThat(ZooKeeperQueue.first(names)).contains("a-1-2147483646");
        assertThat(ZooKeeperQueue.before("a-3--2147483648", names)).contains("a-2-2147483647");
        assertThat(ZooKeeperQueue.before("a-4--2147483647", names)).contains("a-3--2147483648");
    }

    @Test
    void aNodeOfSomebodyElseIsNotInTheQueue() {
        List<String> names = List.of("note", "a-b", "a-1-x", "-", "a-1-0000000003");
        assertThat(ZooKeeperQueue.first(names)).contains("a-1-0000000003");
        assertThat(ZooKeeperQueue.before("a-1-0000000003", names)).isEmpty();
    }
}
