package dev.holdfast.server.forwarding;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.eclipse.jetty.client.ByteBufferRequestContent;
import org.eclipse.jetty.client.Response.AsyncContentListener;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on its way to the active and its answer on the way back, both as streams.
 *
 * <p>It is sent once. Who is to decide what comes next is told when it certainly was not applied: it was not sent, or the
 * active says that it is none; or it only reads. When it may have been applied, the client is told so and decides itself.
 */
final class Exchange {
    /** How a node that was taken for the active says that it is not; nothing was applied then. */
    static final String NOT_ACTIVE = "Holdfast-Not-Active";

    private static final Logger log = LoggerFactory.getLogger(Exchange.class);
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "expect",
            "holdfast-node",
            "holdfast-protocol",
            "holdfast-version",
            "host",
            "http2-settings",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto");

    private final Link link;
    private final Request request;
    private final Response response;
    private final Callback callback;
    private final Optional<ByteBuffer> small;
    private final Runnable notApplied;
    private final long timeoutMillis;
    private volatile boolean maybeSent;
    private volatile boolean refused;
    private volatile boolean answering;

    /**
     * Nothing is sent yet.
     *
     * @param small the body when it was read already; otherwise it is sent as it comes
     * @param notApplied called when the request was certainly not applied, or only reads, and no answer was begun
     */
    Exchange(
            Link link,
            Request request,
            Response response,
            Callback callback,
            Optional<ByteBuffer> small,
            Runnable notApplied,
            long timeoutMillis) {
        this.link = link;
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.small = small;
        this.notApplied = notApplied;
        this.timeoutMillis = timeoutMillis;
    }

    void send() {
        org.eclipse.jetty.client.Request onward = link.newRequest()
                .path(request.getHttpURI().getPathQuery())
                .method(request.getMethod())
                .headers(this::copyHeaders)
                .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
                .onRequestBegin(begun -> maybeSent = true)
                .onResponseHeaders(this::answered)
                .onResponseContentAsync((AsyncContentListener) this::relay);
        if (small.isPresent()) {
            onward.body(new ByteBufferRequestContent(small.get().duplicate()));
        } else if (request.getLength() != 0) {
            onward.body(new Body(request));
        }
        try {
            onward.send(this::done);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void copyHeaders(HttpFields.Mutable to) {
        Predicate<HttpField> onward = goesOn(request.getHeaders());
        for (HttpField field : request.getHeaders()) {
            if (onward.test(field)) {
                to.add(field);
            }
        }
        List<String> path = new ArrayList<>(request.getHeaders().getValuesList("X-Forwarded-For"));
        path.add(Request.getRemoteAddr(request));
        to.put("X-Forwarded-For", String.join(", ", path));
        to.put("X-Forwarded-Proto", request.isSecure() ? "https" : "http");
        to.put("X-Forwarded-Host", Request.getServerName(request) + ":" + Request.getServerPort(request));
    }

    /** What is not for one connection alone, in general or because its sender says so. */
    private static Predicate<HttpField> goesOn(HttpFields headers) {
        Set<String> stays = new HashSet<>(HOP_BY_HOP);
        headers.getCSV(HttpHeader.CONNECTION, false).forEach(name -> stays.add(name.toLowerCase(Locale.ROOT)));
        return field -> !stays.contains(field.getName().toLowerCase(Locale.ROOT));
    }

    private void answered(org.eclipse.jetty.client.Response answer) {
        if (answer.getHeaders().contains(NOT_ACTIVE)) {
            refused = true;
            link.end();
            return;
        }
        answering = true;
        response.setStatus(answer.getStatus());
        Predicate<HttpField> back = goesOn(answer.getHeaders());
        for (HttpField field : answer.getHeaders()) {
            if (back.test(field)) {
                response.getHeaders().put(field);
            }
        }
    }

    private void relay(org.eclipse.jetty.client.Response answer, Content.Chunk chunk, Runnable more) {
        if (refused) {
            more.run();
            return;
        }
        chunk.retain();
        response.write(
                false,
                chunk.getByteBuffer(),
                Callback.from(
                        () -> {
                            boolean unused = chunk.release();
                            more.run();
                        },
                        failure -> {
                            boolean unused = chunk.release();
                            var unusedToo = answer.abort(failure);
                        }));
    }

    private void done(Result result) {
        if (result.isFailed() && !(refused && result.getResponseFailure() == null)) {
            failed(result.getFailure());
        } else if (refused) {
            notApplied.run();
        } else {
            response.write(true, null, callback);
        }
    }

    private void failed(Throwable failure) {
        log.debug("{} could not be forwarded to {}", request, link.active(), failure);
        if (answering) {
            callback.failed(failure);
        } else if (!maybeSent || refused || isReadOnly()) {
            notApplied.run();
        } else {
            sendUnknown();
        }
    }

    private boolean isReadOnly() {
        return Set.of("GET", "HEAD", "LIST").contains(request.getMethod());
    }

    private void sendUnknown() {
        String text =
                "{\"errors\":[\"the active node did not answer: the request may have been applied, read back before"
                        + " making it again\"]}";
        response.setStatus(502);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.write(true, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), callback);
    }

    /** The client's body, as it comes. */
    private static final class Body implements org.eclipse.jetty.client.Request.Content {
        private final Request request;

        Body(Request request) {
            this.request = request;
        }

        @Override
        public long getLength() {
            return request.getLength();
        }

        @Override
        public Content.Chunk read() {
            return request.read();
        }

        @Override
        public void demand(Runnable demandCallback) {
            request.demand(demandCallback);
        }

        @Override
        public void fail(Throwable failure) {
            request.fail(failure);
        }
    }
}
