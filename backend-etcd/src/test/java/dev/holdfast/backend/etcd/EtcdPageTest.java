package dev.holdfast.backend.etcd;

import dev.holdfast.tck.OptionsTable;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EtcdPageTest {
    @Test
    void thePageShowsTheOptionsThatThereAre() {
        OptionsTable.of("etcd").requireIn(Path.of("../docs/etcd.md"));
    }
}
