package dev.holdfast.spi.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All options of a backend, in the order in which they are documented. Immutable. */
public final class OptionSchema {
    private final Map<String, Option<?>> options = new LinkedHashMap<>();

    private OptionSchema(Collection<Option<?>> options) {
        for (Option<?> option : options) {
            if (this.options.putIfAbsent(option.name(), option) != null) {
                throw new IllegalArgumentException("option '" + option.name() + "' is declared twice");
            }
        }
        if (options.stream().filter(Option::namespace).count() > 1) {
            throw new IllegalArgumentException("more than one option is declared as the namespace");
        }
    }

    /**
     * The schema of these options.
     *
     * @throws IllegalArgumentException when two have one name, or two are the namespace
     */
    public static OptionSchema of(Option<?>... options) {
        return new OptionSchema(List.of(options));
    }

    /** All options, in order. */
    public Collection<Option<?>> options() {
        return List.copyOf(options.values());
    }

    /** The option of this name, if there is one. */
    public Optional<Option<?>> find(String name) {
        return Optional.ofNullable(options.get(name));
    }

    /** The option that separates several users of one store, if there is one. */
    public Optional<Option<?>> namespace() {
        return options.values().stream().filter(Option::namespace).findFirst();
    }

    /**
     * Checks a configuration. No I/O.
     *
     * @param subject what is configured, for messages, such as {@code backend 'etcd'}
     * @param values the configured texts by option name
     * @param environment how to look an environment variable up, such as {@code System::getenv}; a set one is stronger
     *     than the configured text
     * @throws ConfigException naming every unknown, missing and malformed option
     */
    public Config parse(String subject, Map<String, String> values, UnaryOperator<@Nullable String> environment) {
        List<String> problems = new ArrayList<>();
        for (String name : values.keySet()) {
            if (!options.containsKey(name)) {
                problems.add("unknown option '" + name + "'" + Spelling.hint(name, options.keySet()) + knownNames());
            }
        }
        Map<String, Object> parsed = new LinkedHashMap<>();
        Map<String, String> texts = new LinkedHashMap<>();
        for (Option<?> option : options.values()) {
            Source source = source(option, values, environment);
            if (source == null) {
                if (option.required()) {
                    problems.add("option '" + option + "' is required: " + option.doc());
                }
                continue;
            }
            try {
                parsed.put(option.name(), option.parse(source.text));
                texts.put(option.name(), source.text);
            } catch (IllegalArgumentException e) {
                // An address with an '@' may carry a password, which is why it was refused.
                boolean secret = option.kind() == Option.Kind.SECRET
                        || (option.kind() == Option.Kind.ENDPOINTS && source.text.contains("@"));
                String shown = secret ? "" : " (got '" + source.text + "')";
                problems.add("option '" + option.name() + "'" + source.where + ": " + e.getMessage() + shown);
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(subject, problems);
        }
        return new Config(subject, this, parsed, texts);
    }

    private String knownNames() {
        return " (known: " + String.join(", ", options.keySet()) + ")";
    }

    private record Source(String text, String where) {}

    private static @Nullable Source source(
            Option<?> option, Map<String, String> values, UnaryOperator<@Nullable String> environment) {
        for (String variable : option.environment()) {
            String text = environment.apply(variable);
            if (text != null && !text.isEmpty()) {
                return new Source(text, " from environment variable " + variable);
            }
        }
        String text = values.get(option.name());
        if (text == null) {
            text = option.defaultText().orElse(null);
        }
        return text == null ? null : new Source(text, "");
    }
}
