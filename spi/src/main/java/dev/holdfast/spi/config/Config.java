package dev.holdfast.spi.config;

import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A configuration that was checked against its {@link OptionSchema}. Immutable; shows no secret. */
public final class Config {
    private final String subject;
    private final OptionSchema schema;
    private final Map<String, Object> values;
    private final Map<String, String> texts;

    Config(String subject, OptionSchema schema, Map<String, Object> values, Map<String, String> texts) {
        this.subject = subject;
        this.schema = schema;
        this.values = Map.copyOf(values);
        this.texts = Map.copyOf(texts);
    }

    /**
     * The value of an option that is required or has a default.
     *
     * @throws NoSuchElementException when it was left out
     */
    public <T> T get(Option<T> option) {
        return find(option).orElseThrow(() -> new NoSuchElementException("option '" + option.name() + "' is not set"));
    }

    /** The value of an option, empty when it was left out and has no default. */
    public <T> Optional<T> find(Option<T> option) {
        if (schema.find(option.name()).filter(known -> known == option).isEmpty()) {
            throw new IllegalArgumentException("option '" + option.name() + "' is not part of this schema");
        }
        @SuppressWarnings("unchecked") // put there by this very option's parser
        @Nullable
        T value = (T) values.get(option.name());
        return Optional.ofNullable(value);
    }

    /**
     * The error for options that are fine one by one and wrong together.
     *
     * @param problem starts with the names of the options
     */
    public ConfigException refuse(String problem) {
        return new ConfigException(subject, List.of(problem));
    }

    /** The effective texts, with secrets hidden. */
    @Override
    public String toString() {
        return schema.options().stream()
                .filter(option -> texts.containsKey(option.name()))
                .map(option ->
                        option.name() + "=" + (option.kind() == Option.Kind.SECRET ? "***" : texts.get(option.name())))
                .collect(Collectors.joining(" "));
    }
}
