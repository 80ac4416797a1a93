package dev.holdfast.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code auth/token/…}: what a client may ask about its own token. */
final class TokenApi {
    private TokenApi() {}

    static Answer lookupSelf(Call call, Session session) {
        call.only(Verb.READ, Verb.WRITE);
        Token token = session.authenticate(call);
        ObjectNode data = JsonText.object();
        data.put("accessor", token.accessor());
        data.put("creation_time", token.created());
        data.put("creation_ttl", 0);
        data.put("display_name", token.displayName());
        data.put("entity_id", "");
        data.putNull("expire_time");
        data.put("explicit_max_ttl", 0);
        data.put("id", call.token());
        data.putNull("meta");
        data.put("num_uses", 0);
        data.put("orphan", true);
        data.put("path", token.path());
        ArrayNode policies = data.putArray("policies");
        token.policies().forEach(policies::add);
        data.put("renewable", false);
        data.put("ttl", 0);
        data.put("type", "service");
        return Answer.ok(Envelope.of(data));
    }
}
