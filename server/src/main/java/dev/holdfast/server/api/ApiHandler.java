package dev.holdfast.server.api;

import dev.holdfast.server.config.ListenerConfig;
import dev.holdfast.spi.driver.Alarms;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HTTP in front of {@link Service}: {@code /v1/…} of one listener. */
final class ApiHandler extends Handler.Abstract {
    private static final Logger log = LoggerFactory.getLogger(ApiHandler.class);
    private static final String ROOT = "/v1/";
    private static final long LONGEST_LOCAL = 64 << 10;

    private final Service service;
    private final Redirects redirects;
    private final Handover handover;
    private final Alarms alarms;
    private final long maxSize;
    private final Duration maxDuration;

    ApiHandler(Service service, Redirects redirects, Handover handover, Alarms alarms, ListenerConfig listener) {
        this.service = service;
        this.redirects = redirects;
        this.handover = handover;
        this.alarms = alarms;
        this.maxSize = listener.maxRequestSize();
        this.maxDuration = listener.maxRequestDuration();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = request.getHttpURI().getPath();
        if (path == null || !path.startsWith(ROOT)) {
            return false;
        }
        Arriving body = new Arriving(request);
        Answer answer = answer(request, path.substring(ROOT.length()), body);
        if (answer != null) {
            send(answer, request, response, callback);
        } else {
            handover.take(request, body.read(), response, callback, new Instead(request, response, callback));
        }
        return true;
    }

    /** A request's body, and what it was once it was read. */
    private static final class Arriving implements LongFunction<byte[]> {
        private final Request request;
        private byte @Nullable [] read;

        Arriving(Request request) {
            this.request = request;
        }

        @Override
        public byte[] apply(long longest) {
            byte[] all = body(request, longest);
            read = all;
            return all;
        }

        Optional<ByteBuffer> read() {
            return Optional.ofNullable(read).map(ByteBuffer::wrap);
        }
    }

    private final class Instead implements Handover.Instead {
        private final Request request;
        private final Response response;
        private final Callback callback;

        Instead(Request request, Response response, Callback callback) {
            this.request = request;
            this.response = response;
            this.callback = callback;
        }

        @Override
        public void redirect() {
            ApiHandler.this.redirect(request, response, callback);
        }

        @Override
        public void answerHere(ByteBuffer body) {
            byte[] bytes = new byte[body.remaining()];
            body.duplicate().get(bytes);
            String rawPath = request.getHttpURI().getPath().substring(ROOT.length());
            request.getComponents().getExecutor().execute(() -> {
                Answer answer = answer(request, rawPath, longest -> bytes);
                if (answer != null) {
                    send(answer, request, response, callback);
                } else {
                    redirect();
                }
            });
        }
    }

    private @Nullable Answer answer(Request request, String rawPath, LongFunction<byte[]> body) {
        try {
            return alarms.within(maxDuration, () -> answerOrInterrupt(request, rawPath, body));
        } catch (InterruptedException e) {
            // Initialising alone is ended so, and nothing was made then; the stores tell otherwise what they did not
            // do.
            return new Refusal(503, "the request took longer than " + maxDuration.toMillis() + " ms").answer();
        } catch (Exception e) {
            log.error("a request could not be answered", e);
            return Answer.error(500, "internal error");
        }
    }

    private @Nullable Answer answerOrInterrupt(Request request, String rawPath, LongFunction<byte[]> body)
            throws InterruptedException {
        try {
            Map<String, String> query = Paths.query(request.getHttpURI().getQuery());
            String list = query.getOrDefault("list", "");
            Verb verb = Verb.of(request.getMethod(), list.equals("true") || list.equals("1"));
            if (verb == null) {
                throw Refusal.unsupported();
            }
            String path = Paths.decode(rawPath);
            long longest = longest(path);
            if (request.getLength() > longest) {
                discard(request, longest);
                throw tooLarge(longest);
            }
            // What is listed is below a path, with or without the slash.
            String whole = verb == Verb.LIST && !path.endsWith("/") ? path + "/" : path;
            return service.answer(new Call(verb, whole, query, token(request), content(request, longest, body)));
        } catch (Refusal e) {
            return e.answer();
        }
    }

    private static Call.Content content(Request request, long longest, LongFunction<byte[]> body) {
        return new Call.Content() {
            @Override
            public byte[] read() {
                return body.apply(longest);
            }

            @Override
            public boolean isShort() {
                return ApiHandler.isShort(request);
            }
        };
    }

    private static boolean isShort(Request request) {
        return request.getLength() >= 0 && request.getLength() <= LONGEST_LOCAL;
    }

    /** Anybody may call what each node answers itself, and so fill its memory, which takes no more than a few keys. */
    private long longest(String path) {
        return service.isLocal(path) ? Math.min(maxSize, LONGEST_LOCAL) : maxSize;
    }

    private static Refusal tooLarge(long longest) {
        return new Refusal(413, "request body too large: the limit is " + longest + " bytes");
    }

    private static byte[] body(Request request, long longest) {
        try (InputStream in = Content.Source.asInputStream(request)) {
            byte[] body = in.readNBytes((int) Math.min(longest + 1, Integer.MAX_VALUE - 8));
            if (body.length > longest) {
                discard(request, longest);
                throw tooLarge(longest);
            }
            return body;
        } catch (IOException | UncheckedIOException e) {
            throw new Refusal(408, "the request's body did not arrive in time");
        }
    }

    /** As much again: a client that is still sending when its connection is closed does not see the answer. */
    private static void discard(Request request, long longest) {
        if (request.getLength() > 2 * longest) {
            return;
        }
        try {
            InputStream in = Content.Source.asInputStream(request);
            byte[] buffer = new byte[8_192];
            long left = 2 * longest;
            for (int n = in.read(buffer); n >= 0 && left > 0; n = in.read(buffer)) {
                left -= n;
            }
        } catch (IOException | UncheckedIOException e) {
            log.debug("the rest of a body that nobody needs did not arrive", e);
        }
    }

    /** A body that is left ends its connection, on which the client may have begun its next request by then. */
    private void passOver(Request request) {
        if (isShort(request)) {
            Object unused = alarms.within(maxDuration, () -> {
                discard(request, LONGEST_LOCAL);
                return null;
            });
        }
    }

    private static String token(Request request) {
        String own = request.getHeaders().get("X-Vault-Token");
        if (own != null) {
            return own.strip();
        }
        String bearer = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        boolean isBearer = bearer != null && bearer.regionMatches(true, 0, "Bearer ", 0, 7);
        return isBearer ? bearer.substring(7).strip() : "";
    }

    private void redirect(Request request, Response response, Callback callback) {
        String authority = Request.getServerName(request) + ":" + Request.getServerPort(request);
        String here = (request.isSecure() ? "https://" : "http://") + authority;
        Answer answer;
        try {
            passOver(request);
            answer = redirects.answer(here, request.getHttpURI().getPathQuery());
        } catch (RuntimeException e) {
            log.error("a request could not be redirected", e);
            answer = Answer.error(500, "internal error");
        }
        send(answer, request, response, callback);
    }

    static void send(Answer answer, Request request, Response response, Callback callback) {
        response.setStatus(answer.status());
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        answer.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        Answer.Content body = answer.body();
        if (body == null) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.status() == 204 ? null : "0");
            if (answer.status() == 204) {
                // As Vault does, though there is none: vault-java-driver takes no other answer to sealing.
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
            }
            response.write(true, null, callback);
            return;
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, body.type());
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.bytes().length);
        boolean head = request.getMethod().equals("HEAD");
        response.write(true, head ? null : ByteBuffer.wrap(body.bytes()), callback);
    }
}
