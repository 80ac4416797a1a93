package dev.holdfast.server.config;

import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The plain values of one block, with their places. */
final class Stanza {
    /** Whatever the problem is, its option stands first in quotes; a variable that overrides it may follow the name. */
    private static final Pattern OPTION = Pattern.compile("option '([^' ]+)[^']*'");

    private static final String WITHOUT_EFFECT = "has no effect in this server";

    private final String path;
    private final Place place;
    private final Map<String, String> texts = new LinkedHashMap<>();
    private final Map<String, Place> places = new LinkedHashMap<>();

    /** @param path how messages name the block, such as {@code listener.tcp}; empty for the whole file */
    Stanza(String path, Place place) {
        this.path = path;
        this.place = place;
    }

    /** The values of a block that has nothing but values. */
    static Stanza of(String path, Syntax.Body body, Problems problems) {
        Stanza stanza = new Stanza(path, body.place());
        for (Syntax.Entry entry : body.entries()) {
            stanza.add(entry, problems);
        }
        return stanza;
    }

    /** Takes one value; a list of plain values is one text with commas. */
    void add(Syntax.Entry entry, Problems problems) {
        String text = text(entry.value());
        if (text == null) {
            problems.add(entry.place(), name(entry.key()), "must be a plain value or a list of them");
        } else if (texts.putIfAbsent(entry.key(), text) != null) {
            problems.add(entry.place(), name(entry.key()), "is given twice, first at " + places.get(entry.key()));
        } else {
            places.put(entry.key(), entry.place());
        }
    }

    private static @Nullable String text(Syntax value) {
        if (value instanceof Syntax.Scalar scalar) {
            return scalar.text();
        }
        if (!(value instanceof Syntax.Sequence sequence)) {
            return null;
        }
        List<String> all = new ArrayList<>();
        for (Syntax item : sequence.items()) {
            if (!(item instanceof Syntax.Scalar scalar)) {
                return null;
            }
            all.add(scalar.text());
        }
        return String.join(",", all);
    }

    Place place() {
        return place;
    }

    Place place(String key) {
        return places.getOrDefault(key, place);
    }

    String name(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    Map<String, String> texts() {
        return texts;
    }

    /** Takes keys out that are accepted and have no effect, with a warning for each. */
    void ignore(Iterable<String> keys, Problems problems) {
        for (String key : keys) {
            if (texts.remove(key) != null) {
                problems.warn(place(key), name(key), WITHOUT_EFFECT);
            }
        }
    }

    /** Whether an entry is one of these, which are accepted, whatever is in them, and have no effect; with a warning. */
    boolean ignore(Syntax.Entry entry, Set<String> blocks, Problems problems) {
        if (!blocks.contains(entry.key())) {
            return false;
        }
        problems.warn(entry.place(), name(entry.key()), WITHOUT_EFFECT);
        return true;
    }

    /** The checked values, or null after telling the problems. */
    @Nullable
    Config parse(OptionSchema schema, UnaryOperator<@Nullable String> environment, Problems problems) {
        try {
            return schema.parse(path, normal(schema), environment);
        } catch (ConfigException e) {
            tell(e, problems);
            return null;
        }
    }

    /** Tells what somebody found wrong in the values, each with its line. */
    void tell(ConfigException e, Problems problems) {
        for (String problem : e.problems()) {
            Matcher option = OPTION.matcher(problem);
            String key = option.find() ? option.group(1) : "";
            problems.add(place(key), path.isEmpty() && key.isEmpty() ? "configuration" : shown(key), problem);
        }
    }

    private String shown(String key) {
        return key.isEmpty() ? path : name(key);
    }

    /** HCL users also write 1 and 0 for truth values. */
    private Map<String, String> normal(OptionSchema schema) {
        return texts.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> schema.find(entry.getKey())
                                .filter(option -> option.kind() == Option.Kind.BOOLEAN)
                                .map(option -> truth(entry.getValue()))
                                .orElse(entry.getValue()),
                        (first, second) -> first,
                        LinkedHashMap::new));
    }

    private static String truth(String text) {
        return switch (text) {
            case "1" -> "true";
            case "0" -> "false";
            default -> text;
        };
    }
}
