package dev.holdfast.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.server.barrier.Barrier;
import dev.holdfast.server.cluster.Active;

/** {@code sys/rotate} and {@code sys/key-status}: the keys of the barrier. */
final class KeyApi {
    private KeyApi() {}

    static Answer rotate(Call call, Session session) {
        call.only(Verb.WRITE);
        Token unused = session.authenticate(call);
        Active active = session.active();
        if (active == null) {
            throw new Refusal(503, "only the active node rotates keys");
        }
        session.cluster().barrier().rotate(active.raw());
        return Answer.noContent();
    }

    static Answer status(Call call, Session session) {
        call.only(Verb.READ);
        Token unused = session.authenticate(call);
        Barrier barrier = session.cluster().barrier();
        ObjectNode data = JsonText.object()
                .put("term", barrier.term())
                .put("install_time", barrier.installed().toString())
                .put("encryptions", barrier.encryptions());
        ObjectNode envelope = Envelope.of(data);
        envelope.setAll(data);
        return Answer.ok(envelope);
    }
}
