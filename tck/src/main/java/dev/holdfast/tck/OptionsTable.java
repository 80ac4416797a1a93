package dev.holdfast.tck;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * The options of a backend as a table in Markdown, made from its schema. In a page that a person writes it stands between
 * two marks; {@code ./holdfast tck TYPE --options=PAGE} renews it, and {@link #requireIn} is the test that it was.
 */
public final class OptionsTable {
    private static final String END = "<!-- end of the options -->\n";

    private final String type;
    private final OptionSchema schema;

    /** The table of the backend of this type. */
    public static OptionsTable of(String type) {
        return new OptionsTable(type, Backends.load().provider(type).options());
    }

    OptionsTable(String type, OptionSchema schema) {
        this.type = type;
        this.schema = schema;
    }

    /**
     * Fails when the page does not show exactly these options.
     *
     * @throws AssertionError that says how to renew the page
     */
    public void requireIn(Path page) {
        String text = read(page);
        if (!text.equals(renewed(page, text))) {
            throw new AssertionError(page + " shows other options than backend '" + type + "' has: run ./holdfast tck "
                    + type + " --options=" + page.normalize().toString().replace("../", ""));
        }
    }

    /** Renews the table in a page. */
    void writeInto(Path page) throws IOException {
        Path unused = Files.writeString(page, renewed(page, read(page)));
    }

    private String renewed(Path page, String text) {
        Section section = new Section(
                "<!-- options: written by `./holdfast tck " + type + " --options=docs/" + type + ".md` -->\n", END);
        if (!section.isIn(text)) {
            throw new AssertionError(page + " has no place for the options of '" + type
                    + "', which is between the lines " + section.beginning() + "and " + END);
        }
        return section.renewed(text, toString());
    }

    private static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The table. */
    @Override
    public String toString() {
        return schema.options().stream()
                .map(OptionsTable::row)
                .collect(Collectors.joining(
                        "\n", "| option | value | default | what it is |\n|---|---|---|---|\n", "\n"));
    }

    private static String row(Option<?> option) {
        String otherwise = option.required()
                ? "required"
                : option.defaultText()
                        .map(text -> text.isEmpty() ? "empty" : "`" + text + "`")
                        .orElse("");
        String variables =
                option.environment().stream().map(name -> "`" + name + "`").collect(Collectors.joining(" or "));
        String doc = option.doc() + (variables.isEmpty() ? "" : "; overridden by " + variables);
        return "| `" + option.name() + "` | " + kind(option.kind()) + " | " + otherwise + " | "
                + doc.replace("|", "\\|") + " |";
    }

    private static String kind(Option.Kind kind) {
        return switch (kind) {
            case STRING -> "text";
            case INT -> "number";
            case DURATION -> "time";
            case SIZE -> "size";
            case BOOLEAN -> "`true` or `false`";
            case SECRET -> "secret";
            case ENDPOINTS -> "addresses";
        };
    }
}
