package dev.holdfast.tck;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import java.util.Map;
import java.util.TreeMap;

/** A harness without code: a type and the options that reach a store which is already there. */
record OptionsHarness(String type, Map<String, String> options) implements Harness {
    OptionsHarness {
        options = Map.copyOf(options);
    }

    @Override
    public String commandLine() {
        OptionSchema schema = Backends.load().provider(type).options();
        StringBuilder text = new StringBuilder(type);
        new TreeMap<>(options).forEach((name, value) -> {
            boolean secret = schema.find(name)
                    .filter(option -> option.kind() == Option.Kind.SECRET)
                    .isPresent();
            text.append(" -o ").append(name).append('=').append(secret ? "…" : quoted(value));
        });
        return text.toString();
    }

    private static String quoted(String value) {
        return value.matches("[\\w.,:/@%+=-]+") ? value : "'" + value.replace("'", "'\\''") + "'";
    }

    @Override
    public String store() {
        return "store given by options";
    }
}
