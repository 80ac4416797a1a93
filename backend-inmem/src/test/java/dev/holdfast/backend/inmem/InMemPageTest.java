package dev.holdfast.backend.inmem;

import dev.holdfast.tck.OptionsTable;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class InMemPageTest {
    @Test
    void thePageShowsTheOptionsThatThereAre() {
        OptionsTable.of("inmem").requireIn(Path.of("../docs/inmem.md"));
    }
}
