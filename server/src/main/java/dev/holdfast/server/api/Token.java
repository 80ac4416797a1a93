package dev.holdfast.server.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What is stored of a token; not the token itself. One with a field that this version does not know is refused, since
 * the field may limit what the token is good for.
 *
 * @param hash of the whole token, in hexadecimal
 * @param accessor names it without giving it away
 * @param created in seconds since 1970
 */
record Token(
        @JsonProperty(value = "hash", required = true) String hash,
        @JsonProperty(value = "accessor", required = true) String accessor,

        @JsonProperty(value = "display_name", required = true)
        String displayName,

        @JsonProperty(value = "path", required = true) String path,
        @JsonProperty(value = "policies", required = true) List<String> policies,
        @JsonProperty(value = "created", required = true) long created) {
    /** Shows no hash. */
    @Override
    public String toString() {
        return "token " + accessor;
    }
}
