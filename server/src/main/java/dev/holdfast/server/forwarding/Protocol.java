package dev.holdfast.server.forwarding;

import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.cluster.Release;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * How nodes tell each other which protocol they use, so that none is served what it might understand in another way. These
 * headers stay what they are in every version, and are all that an active reads before it knows.
 */
final class Protocol {
    /** Of the active that refuses: which it is, and what it knows. */
    static final String REFUSED = "Holdfast-Unknown-Protocol";

    private static final String NUMBER = "Holdfast-Protocol";
    private static final String VERSION = "Holdfast-Version";
    private static final String NODE = "Holdfast-Node";

    private Protocol() {}

    /** Says who asks. */
    static void introduce(Node node, HttpFields.Mutable to) {
        Release own = node.identity().release();
        to.put(NUMBER, String.valueOf(own.protocol()));
        to.put(VERSION, own.version());
        to.put(NODE, node.cluster().map(ClusterNode::name).orElse(""));
    }

    /** Whether this node, as the active, understands who asks. */
    static boolean isKnown(Node node, Request request) {
        List<String> numbers = request.getHeaders().getValuesList(NUMBER);
        try {
            return numbers.size() == 1 && node.identity().release().knows(Integer.parseInt(numbers.get(0)));
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** Answers that nothing was applied, as to any node that had better look elsewhere, and why. */
    static void refuse(Node node, Request request, Response response, Callback callback) {
        HttpFields headers = request.getHeaders();
        String protocol = String.valueOf(headers.get(NUMBER));
        String version = String.valueOf(headers.get(VERSION));
        node.cluster()
                .ifPresent(cluster ->
                        cluster.peers().standbys().refuse(String.valueOf(headers.get(NODE)), version, protocol));
        Release own = node.identity().release();
        String why = "the active is version " + own.version() + " and knows protocol " + own.protocols();
        response.setStatus(503);
        response.getHeaders().put(Exchange.NOT_ACTIVE, "1");
        response.getHeaders().put(REFUSED, why);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        String body = "{\"errors\":[\"" + why + "\"]}";
        response.write(true, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), callback);
    }
}
