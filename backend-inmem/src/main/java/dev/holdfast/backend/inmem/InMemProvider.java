package dev.holdfast.backend.inmem;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.OptionSchema;

/**
 * The backend type {@code inmem}: a named store in this JVM, for tests, development and as an example.
 *
 * <p>It has all capabilities. {@code DURABLE} means here that a store keeps what was acknowledged for as long as the JVM
 * lives, whether backends are open or not and however often it is {@linkplain InMemStore#restart() restarted}.
 */
public final class InMemProvider implements BackendProvider {
    /** For {@link java.util.ServiceLoader}. */
    public InMemProvider() {}

    @Override
    public String type() {
        return "inmem";
    }

    @Override
    public OptionSchema options() {
        return InMemOptions.SCHEMA;
    }

    @Override
    public Backend open(Config config) {
        return new InMemBackend(InMemOptions.of(config));
    }
}
