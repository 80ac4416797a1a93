package dev.holdfast.backend.s3;

import dev.holdfast.tck.OptionsTable;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class S3PageTest {
    @Test
    void thePageShowsTheOptionsThatThereAre() {
        OptionsTable.of("s3").requireIn(Path.of("../docs/s3.md"));
    }
}
