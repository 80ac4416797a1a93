package dev.holdfast.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.UUID;

/** The object around every answer that has data. */
final class Envelope {
    private Envelope() {}

    static ObjectNode of(JsonNode data) {
        return of(data, 0);
    }

    /** @param leaseSeconds how long the data may be kept */
    static ObjectNode of(JsonNode data, long leaseSeconds) {
        ObjectNode envelope = JsonText.object();
        envelope.put("request_id", UUID.randomUUID().toString());
        envelope.put("lease_id", "");
        envelope.put("renewable", false);
        envelope.put("lease_duration", leaseSeconds);
        envelope.set("data", data);
        envelope.putNull("wrap_info");
        envelope.putNull("warnings");
        envelope.putNull("auth");
        return envelope;
    }
}
