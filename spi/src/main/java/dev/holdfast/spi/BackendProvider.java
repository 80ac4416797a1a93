package dev.holdfast.spi;

import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.config.OptionSchema;

/**
 * A type of backend, found with {@link java.util.ServiceLoader}: name the implementation in
 * {@code META-INF/services/dev.holdfast.spi.BackendProvider}, and in {@code provides … with} of a module.
 *
 * <p>It has a public constructor without parameters that does nothing.
 */
public interface BackendProvider {
    /** The name that users configure, such as {@code etcd}: lower case letters, digits and {@code -}. Constant. */
    String type();

    /** The options of this type. Constant. */
    OptionSchema options();

    /**
     * Opens a new instance that shares no connection or session with any other (rule H-01). It may contact the store,
     * for no longer than its request timeout; it need not, and then an unreachable store shows at the first call.
     *
     * @param config checked against {@link #options()}
     * @throws ConfigException when options do not go together; before any I/O
     * @throws BackendException.Unavailable when the store was contacted in vain; nothing is left open
     * @throws BackendException.AccessDenied when the store refused the credentials; nothing is left open
     */
    Backend open(Config config);
}
