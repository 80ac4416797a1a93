package dev.holdfast.server.ui;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** {@code /ui/} of one listener: a page, what it is made of, and its {@link Feed}. It takes nothing but what is here. */
public final class StatusPage extends Handler.Abstract.NonBlocking {
    private static final String ROOT = "/ui/";
    private static final String POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final Map<String, Resource> RESOURCES = Map.of(
            "", new Resource("index.html", "text/html; charset=utf-8"),
            "status.css", new Resource("status.css", "text/css; charset=utf-8"),
            "status.js", new Resource("status.js", "text/javascript; charset=utf-8"),
            "timeline.js", new Resource("timeline.js", "text/javascript; charset=utf-8"),
            "icon.svg", new Resource("icon.svg", "image/svg+xml"));

    private final Feed feed;

    /** A file of this package. */
    private static final class Resource {
        private final String type;
        private final byte[] bytes;

        Resource(String name, String type) {
            this.type = type;
            try (InputStream in = StatusPage.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IllegalStateException(name + " is missing from the server's jar");
                }
                bytes = in.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** @param feed the server's, which stays the caller's */
    public StatusPage(Feed feed) {
        this.feed = feed;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = request.getHttpURI().getPath();
        if (path == null || !(path.equals("/") || path.equals("/ui") || path.startsWith(ROOT))) {
            return false;
        }
        protect(response.getHeaders());
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            end(response, 405, callback);
        } else if (!path.startsWith(ROOT)) {
            response.getHeaders().put(HttpHeader.LOCATION, ROOT);
            end(response, 307, callback);
        } else if (path.equals(ROOT + "events") && method.equals("GET")) {
            follow(request, response, callback);
        } else {
            show(RESOURCES.get(path.substring(ROOT.length())), response, callback);
        }
        return true;
    }

    private static void protect(HttpFields.Mutable headers) {
        headers.put("Content-Security-Policy", POLICY);
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
        headers.put(new HttpField(HttpHeader.CACHE_CONTROL, "no-store"));
    }

    private static void end(Response response, int status, Callback callback) {
        response.setStatus(status);
        response.write(true, null, callback);
    }

    private static void show(@Nullable Resource resource, Response response, Callback callback) {
        if (resource == null) {
            end(response, 404, callback);
            return;
        }
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, resource.type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, resource.bytes.length);
        response.write(true, ByteBuffer.wrap(resource.bytes), callback);
    }

    private void follow(Request request, Response response, Callback callback) {
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        response.getHeaders().put("X-Accel-Buffering", "no");
        if (!feed.subscribe(request, response, callback)) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "5");
            end(response, 503, callback);
        }
    }
}
