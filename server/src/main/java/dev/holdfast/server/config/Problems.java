package dev.holdfast.server.config;

import dev.holdfast.spi.config.ConfigException;
import java.util.ArrayList;
import java.util.List;

/** Everything that is wrong with a configuration, so that a user sees it at once. */
final class Problems {
    private final List<String> errors = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    void add(Place place, String key, String problem) {
        errors.add(place + ": " + key + ": " + problem);
    }

    void add(String located) {
        errors.add(located);
    }

    void warn(Place place, String key, String problem) {
        warnings.add(place + ": " + key + ": " + problem);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** @throws ConfigException when there are any */
    void throwIfAny() {
        if (!errors.isEmpty()) {
            throw new ConfigException("configuration", errors);
        }
    }
}
