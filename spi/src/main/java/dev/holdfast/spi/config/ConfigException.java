package dev.holdfast.spi.config;

import java.util.List;

/**
 * A configuration that cannot be used. Thrown before any I/O; names every problem at once, each with the option it is
 * about, and never shows the value of a secret.
 */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String[] problems;

    /**
     * @param subject what was being configured, such as {@code backend 'etcd'}
     * @param problems one sentence each, starting with the option's name
     */
    public ConfigException(String subject, List<String> problems) {
        super(subject + ": " + String.join("; ", problems));
        this.problems = problems.toArray(String[]::new);
    }

    /** One sentence per problem. */
    public List<String> problems() {
        return List.of(problems);
    }
}
