package dev.holdfast.server.forwarding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.server.cluster.Member;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the active answers to a heartbeat: its newest key's term, its clock, and who else is there.
 *
 * @param time in milliseconds since 1970
 */
record Echo(int keyTerm, long time, List<Member> members) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static byte[] answer(int keyTerm, List<Member> members) throws IOException {
        ObjectNode body = JSON.createObjectNode().put("key_term", keyTerm).put("time_ms", System.currentTimeMillis());
        ArrayNode nodes = body.putArray("nodes");
        for (Member member : members) {
            nodes.addObject()
                    .put("node", member.node())
                    .put("hostname", member.hostname())
                    .put("api_address", member.apiAddr())
                    .put("version", member.version())
                    .put("silent_ms", member.silentMillis());
        }
        return JSON.writeValueAsBytes(body);
    }

    static Echo read(byte[] body) throws IOException {
        JsonNode read = JSON.readTree(body);
        List<Member> members = new ArrayList<>();
        for (JsonNode node : read.path("nodes")) {
            members.add(new Member(
                    node.path("node").asText(),
                    node.path("hostname").asText(),
                    node.path("api_address").asText(),
                    node.path("version").asText(),
                    node.path("silent_ms").asLong()));
        }
        return new Echo(read.path("key_term").asInt(), read.path("time_ms").asLong(), members);
    }
}
