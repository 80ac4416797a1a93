package dev.holdfast.spi.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One option of a backend: its name, the type of its value, what applies when it is left out, and a line of
 * documentation. Immutable; the methods that refine an option return a new one.
 *
 * <p>Because options are typed, tools can work with any backend: documentation is generated, secrets are hidden,
 * {@link Kind#ENDPOINTS} can be led through a proxy, and the {@linkplain #namespace() namespace} gives each user of a
 * shared store a place of its own.
 *
 * @param <T> the Java type of the value
 */
public final class Option<T> {
    /** How the text of a value is read. */
    public enum Kind {
        /** Any text. */
        STRING,
        /** A whole number. */
        INT,
        /** A time such as {@code 1m30s}, {@code 1.5s} or {@code 250ms}; a plain number is seconds. */
        DURATION,
        /** Bytes, such as {@code 512}, {@code 64KiB} or {@code 1MiB}. */
        SIZE,
        /** {@code true} or {@code false}. */
        BOOLEAN,
        /** Text that must never be shown. */
        SECRET,
        /** Server addresses, {@code [scheme://]host:port}, separated by commas. */
        ENDPOINTS
    }

    private final String name;
    private final Kind kind;
    private final String doc;
    private final Function<String, T> parser;
    private final @Nullable String defaultText;
    private final boolean required;
    private final boolean namespace;
    private final List<String> environment;

    private Option(
            String name,
            Kind kind,
            String doc,
            Function<String, T> parser,
            @Nullable String defaultText,
            boolean required,
            boolean namespace,
            List<String> environment) {
        this.name = name;
        this.kind = kind;
        this.doc = doc;
        this.parser = parser;
        this.defaultText = defaultText;
        this.required = required;
        this.namespace = namespace;
        this.environment = List.copyOf(environment);
    }

    private static <T> Option<T> of(String name, Kind kind, String doc, Function<String, T> parser) {
        return new Option<>(name, kind, doc, parser, null, false, false, List.of());
    }

    /** An option of {@link Kind#STRING}. */
    public static Option<String> string(String name, String doc) {
        return of(name, Kind.STRING, doc, text -> text);
    }

    /** An option of {@link Kind#INT}. */
    public static Option<Integer> integer(String name, String doc) {
        return of(name, Kind.INT, doc, Values::integer);
    }

    /** An option of {@link Kind#DURATION}. */
    public static Option<Duration> duration(String name, String doc) {
        return of(name, Kind.DURATION, doc, Values::duration);
    }

    /** An option of {@link Kind#SIZE}; the value is in bytes. */
    public static Option<Long> size(String name, String doc) {
        return of(name, Kind.SIZE, doc, Values::size);
    }

    /** An option of {@link Kind#BOOLEAN}. */
    public static Option<Boolean> bool(String name, String doc) {
        return of(name, Kind.BOOLEAN, doc, Values::bool);
    }

    /** An option of {@link Kind#SECRET}. */
    public static Option<Secret> secret(String name, String doc) {
        return of(name, Kind.SECRET, doc, Secret::new);
    }

    /** An option of {@link Kind#ENDPOINTS}; the value is never empty. */
    public static Option<List<Endpoint>> endpoints(String name, String doc) {
        return of(name, Kind.ENDPOINTS, doc, Values::endpoints);
    }

    /** This option with a default, written as a user would write it. */
    public Option<T> defaultsTo(String text) {
        T unused = parser.apply(text); // refuses a default that is no such value
        return new Option<>(name, kind, doc, parser, text, false, namespace, environment);
    }

    /** This option, to be refused when it is left out. */
    public Option<T> makeRequired() {
        return new Option<>(name, kind, doc, parser, null, true, namespace, environment);
    }

    /** This option, marked as the one that separates several users of one store. One per schema at most. */
    public Option<T> asNamespace() {
        return new Option<>(name, kind, doc, parser, defaultText, required, true, environment);
    }

    /** This option, overridden by the first of these environment variables that is set. */
    public Option<T> overriddenBy(String... variables) {
        List<String> all = new ArrayList<>(environment);
        all.addAll(List.of(variables));
        return new Option<>(name, kind, doc, parser, defaultText, required, namespace, all);
    }

    /**
     * This option with a further condition on its value.
     *
     * @param requirement returns what the value must be, such as {@code "must be at least 1s"}, or null when it is fine
     */
    public Option<T> check(Function<T, @Nullable String> requirement) {
        Function<String, T> checked = text -> {
            T value = parser.apply(text);
            String problem = requirement.apply(value);
            if (problem != null) {
                throw new IllegalArgumentException(problem);
            }
            return value;
        };
        if (defaultText != null) {
            T unused = checked.apply(defaultText);
        }
        return new Option<>(name, kind, doc, checked, defaultText, required, namespace, environment);
    }

    /** The name, in lower case with underscores. */
    public String name() {
        return name;
    }

    /** How its text is read. */
    public Kind kind() {
        return kind;
    }

    /** One line of documentation. */
    public String doc() {
        return doc;
    }

    /** The text of the default, if it has one. */
    public Optional<String> defaultText() {
        return Optional.ofNullable(defaultText);
    }

    /** Whether it must be given. */
    public boolean required() {
        return required;
    }

    /** Whether it separates several users of one store. */
    public boolean namespace() {
        return namespace;
    }

    /** The environment variables that override it, strongest first. */
    public List<String> environment() {
        return environment;
    }

    /**
     * Reads a value.
     *
     * @throws IllegalArgumentException when {@code text} is no such value; the message says what is expected and does
     *     not repeat it
     */
    public T parse(String text) {
        return parser.apply(text);
    }

    @Override
    public String toString() {
        return environment.isEmpty()
                ? name
                : environment.stream().collect(Collectors.joining(", ", name + " (or ", ")"));
    }
}
