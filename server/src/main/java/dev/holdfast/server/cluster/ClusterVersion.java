package dev.holdfast.server.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
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
 * Which build led the cluster last, in encrypted storage. Later versions may add to it.
 *
 * @param version of the server
 * @param protocol as in {@link Release}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record ClusterVersion(
        @JsonProperty(value = "version", required = true) String version,
        @JsonProperty(value = "protocol", required = true) int protocol) {
    static final Key KEY = Key.of("core/cluster-version");
    private static final ObjectMapper JSON = new ObjectMapper();

    static ClusterVersion of(Release release) {
        return new ClusterVersion(release.version(), release.protocol());
    }

    /** Empty while no node has led, or none that wrote it down. */
    static Optional<ClusterVersion> read(Backend storage) {
        return storage.get(KEY).map(entry -> parse(storage, entry));
    }

    private static ClusterVersion parse(Backend storage, Entry entry) {
        try {
            return JSON.readValue(entry.value(), ClusterVersion.class);
        } catch (IOException e) {
            throw new BackendException.Corrupt(
                    Operation.at("cluster", storage.toString()).on("get", KEY), "it names no version", null);
        }
    }

    Entry entry() {
        try {
            return Entry.of(KEY, JSON.writeValueAsBytes(this));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of plain values is always JSON", e);
        }
    }
}
