package dev.holdfast.server.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import java.io.IOException;

/**
 * What the active tells the other nodes, in encrypted storage: where it is, and the key and certificate of this term, with
 * which they prove to each other that they can read that storage. What a newer version adds is passed over, so that its
 * standbys may be older.
 *
 * @param node the lock's value
 * @param token the lease's; an advertisement of another term of the same node is not taken for this one's
 * @param apiAddr what clients are redirected to; empty when there is none
 * @param clusterAddr where standbys forward to; empty when they cannot
 * @param certificate in Base64 of DER
 * @param privateKey in Base64 of PKCS #8
 * @param hostname for people
 * @param version of the server
 * @param activeSince ISO 8601, for people
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Advertisement(
        @JsonProperty(value = "node", required = true) String node,
        @JsonProperty(value = "token", required = true) long token,
        @JsonProperty(value = "api_addr", required = true) String apiAddr,

        @JsonProperty(value = "cluster_addr", required = true)
        String clusterAddr,

        @JsonProperty(value = "certificate", required = true)
        String certificate,

        @JsonProperty(value = "private_key", required = true)
        String privateKey,

        @JsonProperty(value = "hostname", required = true) String hostname,
        @JsonProperty(value = "version", required = true) String version,

        @JsonProperty(value = "active_since", required = true)
        String activeSince) {
    static final Prefix ALL = Prefix.of("core/leader/");
    private static final ObjectMapper JSON = new ObjectMapper();

    static Key key(String node) {
        return ALL.key(node);
    }

    static Advertisement parse(Entry entry) {
        try {
            return JSON.readValue(entry.value(), Advertisement.class);
        } catch (IOException e) {
            throw new BackendException.Corrupt(
                    Operation.at("cluster", "encrypted storage").on("get", entry.key()),
                    "it is no advertisement of this version",
                    null);
        }
    }

    Entry entry() {
        try {
            return Entry.of(key(node), JSON.writeValueAsBytes(this));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of plain values is always JSON", e);
        }
    }

    /** The pair of this term. */
    public TermCertificate termCertificate() {
        return TermCertificate.read(certificate, privateKey);
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "active " + node + " with token " + token + " at " + apiAddr + " since " + activeSince;
    }
}
