package dev.holdfast.backend.zookeeper;

import dev.holdfast.tck.OptionsTable;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ZooKeeperPageTest {
    @Test
    void thePageShowsTheOptionsThatThereAre() {
        OptionsTable.of("zookeeper").requireIn(Path.of("../docs/zookeeper.md"));
    }
}
