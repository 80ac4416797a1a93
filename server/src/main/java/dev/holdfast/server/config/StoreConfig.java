package dev.holdfast.server.config;

import java.util.Map;

/**
 * A {@code storage} or {@code ha_storage} block, whose options are checked by the backend's own schema.
 *
 * @param type the backend's type
 * @param options its options as text; may hold secrets
 */
public record StoreConfig(String type, Map<String, String> options) {
    /** An immutable one. */
    public StoreConfig {
        options = Map.copyOf(options);
    }

    /** Shows no option, since one may be a secret. */
    @Override
    public String toString() {
        return type;
    }
}
