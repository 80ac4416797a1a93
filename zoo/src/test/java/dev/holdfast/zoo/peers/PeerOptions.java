package dev.holdfast.zoo.peers;

import dev.holdfast.spi.Operation;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Endpoint;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.spi.driver.CommonOptions;
import java.time.Duration;
import java.util.List;

/** Which recipe, against which store. */
record PeerOptions(String recipe, List<Endpoint> endpoints, String path, Duration requestTimeout, Duration lockTtl) {
    private static final Option<String> RECIPE = Option.string("recipe", "The recipe, by its name");
    private static final Option<List<Endpoint>> ENDPOINTS = Option.endpoints("endpoints", "Where the store is");
    private static final Option<String> PATH =
            Option.string("path", "The part of the store to use").defaultsTo("").asNamespace();

    static final OptionSchema SCHEMA =
            OptionSchema.of(RECIPE, ENDPOINTS, PATH, CommonOptions.REQUEST_TIMEOUT, CommonOptions.LOCK_TTL);

    static PeerOptions of(Config config) {
        return new PeerOptions(
                config.get(RECIPE),
                config.get(ENDPOINTS),
                config.get(PATH),
                config.get(CommonOptions.REQUEST_TIMEOUT),
                config.get(CommonOptions.LOCK_TTL));
    }

    Operation place() {
        return Operation.at(recipe, endpoints + " path=" + path);
    }
}
