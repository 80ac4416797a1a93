package dev.holdfast.server.barrier;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.io.IOException;
import java.util.Optional;

/**
 * How a cluster is unsealed; the one entry that is not encrypted. There is one exactly when the cluster is initialised.
 * One with a field that this version does not know is refused: it may have to be unsealed in another way.
 *
 * @param type {@code shamir}, or {@code file} for a key file
 * @param shares how many shares there are; 1 for a key file
 * @param threshold how many of them unseal
 * @param rootKey the root key, sealed with the unseal key, in Base64
 * @param clusterId the cluster's name for machines
 */
public record SealConfig(
        @JsonProperty(value = "type", required = true) String type,
        @JsonProperty(value = "shares", required = true) int shares,
        @JsonProperty(value = "threshold", required = true) int threshold,
        @JsonProperty(value = "root_key", required = true) String rootKey,
        @JsonProperty(value = "cluster_id", required = true) String clusterId) {
    static final Key KEY = Key.of("core/seal-config");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What storage says; empty when the cluster is not initialised. */
    public static Optional<SealConfig> read(Backend storage) {
        return storage.get(KEY).map(entry -> parse(storage, entry));
    }

    private static SealConfig parse(Backend storage, Entry entry) {
        try {
            return JSON.readValue(entry.value(), SealConfig.class);
        } catch (IOException e) {
            throw new BackendException.Corrupt(
                    Operation.at("barrier", storage.toString()).on("get", KEY), "it is no seal configuration", null);
        }
    }

    Entry entry() {
        try {
            return Entry.of(KEY, JSON.writeValueAsBytes(this));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of plain values is always JSON", e);
        }
    }

    /** Shows no key, not even a sealed one. */
    @Override
    public String toString() {
        return type + " " + threshold + " of " + shares;
    }
}
