package dev.holdfast.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is sent back.
 *
 * @param body null for none
 */
record Answer(int status, @Nullable Content body, Map<String, String> headers) {
    /** The bytes of a body. */
    static final class Content {
        private final String type;
        private final byte[] bytes;

        Content(String type, byte[] bytes) {
            this.type = type;
            this.bytes = bytes;
        }

        String type() {
            return type;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    static Answer json(int status, JsonNode body) {
        return new Answer(status, new Content("application/json", JsonText.bytes(body)), Map.of());
    }

    static Answer ok(JsonNode body) {
        return json(200, body);
    }

    static Answer text(String type, String text) {
        return new Answer(200, new Content(type, text.getBytes(StandardCharsets.UTF_8)), Map.of());
    }

    static Answer noContent() {
        return new Answer(204, null, Map.of());
    }

    /** Nothing there, in the way that clients take for absence. */
    static Answer absent() {
        return json(404, JsonText.object().set("errors", JsonText.array()));
    }

    static Answer error(int status, String message) {
        return json(status, JsonText.object().set("errors", JsonText.array().add(message)));
    }

    static Answer redirect(String location) {
        return new Answer(307, null, Map.of("Location", location));
    }

    Answer with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Answer(status, body, more);
    }
}
