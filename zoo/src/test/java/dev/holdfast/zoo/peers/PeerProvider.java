package dev.holdfast.zoo.peers;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.OptionSchema;

/** The backend type {@code peer}. */
public final class PeerProvider implements BackendProvider {
    @Override
    public String type() {
        return "peer";
    }

    @Override
    public OptionSchema options() {
        return PeerOptions.SCHEMA;
    }

    @Override
    public Backend open(Config config) {
        PeerOptions options = PeerOptions.of(config);
        return Recipe.valueOf(options.recipe()).open(options);
    }
}
