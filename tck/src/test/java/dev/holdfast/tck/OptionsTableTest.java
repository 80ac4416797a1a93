package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptionsTableTest {
    private static final Option<?> PORT =
            Option.integer("port", "The port").defaultsTo("7").overriddenBy("A_PORT", "B_PORT");

    @TempDir
    private Path folder;

    private Path page(String... lines) throws Exception {
        return Files.write(folder.resolve("store.md"), List.of(lines));
    }

    @Test
    void eachOptionIsARow() {
        OptionSchema schema = OptionSchema.of(
                PORT,
                Option.secret("key", "a|b").makeRequired(),
                Option.string("path", "Where").defaultsTo(""));
        assertThat(new OptionsTable("store", schema)).hasToString("""
                        | option | value | default | what it is |
                        |---|---|---|---|
                        | `port` | number | `7` | The port; overridden by `A_PORT` or `B_PORT` |
                        | `key` | secret | required | a\\|b |
                        | `path` | text | empty | Where |
                        """);
    }

    @Test
    void aPageIsRenewedBetweenItsMarksOnly() throws Exception {
        Path page = page(
                "# Store",
                "<!-- options: written by `./holdfast tck store --options=docs/store.md` -->",
                "stale",
                "<!-- end of the options -->",
                "end");
        OptionsTable table = new OptionsTable("store", OptionSchema.of(PORT));
        assertThatThrownBy(() -> table.requireIn(page))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("run ./holdfast tck store --options=");

        table.writeInto(page);

        table.requireIn(page);
        assertThat(Files.readString(page))
                .startsWith("# Store\n<!-- options")
                .endsWith("<!-- end of the options -->\nend\n")
                .contains("| `port` |")
                .doesNotContain("stale");
    }

    @Test
    void aPageWithoutMarksIsLeftAsItIs() throws Exception {
        Path page = page("# Store");
        OptionsTable table = new OptionsTable("store", OptionSchema.of(PORT));
        assertThatThrownBy(() -> table.writeInto(page)).hasMessageContaining("has no place for the options of 'store'");
        assertThat(Files.readString(page)).isEqualTo("# Store\n");
    }
}
