package dev.holdfast.server.forwarding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.cluster.Standbys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What the active does for its standbys: their clients' requests, and their heartbeats. */
public final class ClusterHandler extends Handler.Wrapper {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_ECHO = 16 << 10;

    private final Node node;

    /** @param api answers forwarded requests and never forwards them again */
    public ClusterHandler(Node node, Handler api) {
        super(api);
        this.node = node;
    }

    /** How a node says that it is not the active; nothing was applied. */
    public static void refuse(Response response, Callback callback) {
        response.setStatus(503);
        response.getHeaders().put(Exchange.NOT_ACTIVE, "1");
        response.write(true, null, callback);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!Protocol.isKnown(node, request)) {
            Protocol.refuse(node, request, response, callback);
            return true;
        }
        if (!Heartbeats.PATH.equals(request.getHttpURI().getPath())) {
            return super.handle(request, response, callback);
        }
        Optional<ClusterNode> cluster =
                node.cluster().filter(one -> one.active().isPresent());
        if (cluster.isEmpty()) {
            refuse(response, callback);
            return true;
        }
        hear(cluster.get(), read(request));
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.write(
                true,
                ByteBuffer.wrap(Echo.answer(
                        cluster.get().barrier().term(), cluster.get().members())),
                callback);
        return true;
    }

    private static JsonNode read(Request request) throws IOException {
        try (InputStream in = Content.Source.asInputStream(request)) {
            return JSON.readTree(in.readNBytes(LONGEST_ECHO));
        }
    }

    private static void hear(ClusterNode cluster, JsonNode echo) {
        cluster.peers()
                .standbys()
                .heard(
                        echo.path("node").asText(),
                        new Standbys.Seen(
                                echo.path("hostname").asText(),
                                echo.path("api_address").asText(),
                                echo.path("cluster_address").asText(),
                                echo.path("version").asText(),
                                echo.path("state").asText(),
                                Instant.now()));
    }
}
