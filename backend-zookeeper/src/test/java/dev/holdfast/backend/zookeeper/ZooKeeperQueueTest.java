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

    /** ZooKeeper gives the highest number again and again, or the lowest one that there is. */
    @Test
    void nobodyGoesByNumbersThatAreUsedUp() {
        assertThat(ZooKeeperQueue.isWornOut("a-1-0000000012")).isFalse();
        assertThat(ZooKeeperQueue.isWornOut("a-1-2146000000")).isFalse();
        assertThat(ZooKeeperQueue.isWornOut("a-1-2147483000")).isTrue();
        assertThat(ZooKeeperQueue.isWornOut("a-1-2147483647")).isTrue();
        assertThat(ZooKeeperQueue.isWornOut("a-1--2147483648")).isTrue();
    }

    @Test
    void aNodeOfSomebodyElseIsNotInTheQueue() {
        List<String> names = List.of("note", "a-b", "a-1-x", "-", "a-1-0000000003");
        assertThat(ZooKeeperQueue.first(names)).contains("a-1-0000000003");
        assertThat(ZooKeeperQueue.before("a-1-0000000003", names)).isEmpty();
    }
}
