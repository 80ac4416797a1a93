package dev.holdfast.server.api;

import dev.holdfast.server.config.ListenerConfig;
import dev.holdfast.spi.driver.Alarms;
import dev.holdfast.spi.driver.Deadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP in front of {@link Service}: {@code /v1/…} of one listener. No request has a thread before its body has arrived, unless
 * that is a long one, for which it needs a token.
 */
final class ApiHandler extends Handler.Abstract {
    private static final Logger log = LoggerFactory.getLogger(ApiHandler.class);
    private static final String ROOT = "/v1/";

    /** What anybody may send. */
    private static final int SHORT = 64 << 10;

    /** What load balancers ask, which is answered whatever else there is to do. */
    private static final String HEALTH = "sys/health";

    private static final int MOST_WAITING = 4_096;

    private final Service service;
    private final Redirects redirects;
    private final Handover handover;
    private final @Nullable Bodies bodies;
    private final Turns turns = new Turns(Listeners.THREADS * 4 / 5, MOST_WAITING);
    private final Alarms alarms;
    private final long maxSize;
    private final Duration maxDuration;

    /** @param bodies of clients; null where other nodes come in, of which each request is answered within one term */
    ApiHandler(
            Service service,
            Redirects redirects,
            Handover handover,
            @Nullable Bodies bodies,
            Alarms alarms,
            ListenerConfig listener) {
        this.service = service;
        this.redirects = redirects;
        this.handover = handover;
        this.bodies = bodies;
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
        new Incoming(request, response, callback).begin(path.substring(ROOT.length()));
        return true;
    }

    /** Anybody may call what each node answers itself, and so fill its memory, which takes no more than a few keys. */
    private long longest(String path) {
        return service.isLocal(path) ? Math.min(maxSize, SHORT) : maxSize;
    }

    /** One request until it is answered, or handed over. */
    private final class Incoming implements Handover.Instead {
        private final Request request;
        private final Response response;
        private final Callback callback;
        private String path = "";
        private byte @Nullable [] body;

        /** Of all that is done for it here, the wait for its turn included. */
        private Deadline until = Deadline.NEVER;

        Incoming(Request request, Response response, Callback callback) {
            this.request = request;
            this.response = response;
            this.callback = callback;
        }

        void begin(String rawPath) {
            long length = Bodies.length(request);
            long longest;
            try {
                path = Paths.decode(rawPath);
                longest = longest(path);
            } catch (Refusal e) {
                send(e.answer());
                return;
            }
            if (length > longest) {
                refuse(length, longest);
            } else if (bodies != null && length > 0 && length <= SHORT) {
                readAhead(bodies, (int) length);
            } else if (bodies != null && length < 0 && service.isLocal(path)) {
                readAhead(bodies, (int) longest);
            } else {
                takeTurn();
            }
        }

        /** A client that is still sending when its connection is closed does not see the answer. */
        private void refuse(long length, long longest) {
            Answer answer = Bodies.tooLarge(longest).answer();
            if (length <= 2 * longest) {
                Bodies.drop(request, maxDuration.toMillis(), () -> send(answer));
            } else {
                send(answer);
            }
        }

        private void readAhead(Bodies ahead, int longest) {
            boolean begun = ahead.readAhead(
                    request,
                    longest,
                    maxDuration.toMillis(),
                    arrived -> {
                        body = arrived;
                        takeTurn();
                    },
                    failure -> send((failure instanceof IOException || failure instanceof TimeoutException
                                    ? Bodies.late()
                                    : Bodies.tooLarge(longest))
                            .answer()));
            if (!begun) {
                sendBusy();
            }
        }

        private void takeTurn() {
            until = Deadline.after(maxDuration);
            if (path.equals(HEALTH)) {
                answerOrHandOver();
            } else {
                takeTurn(this::answerOrHandOver);
            }
        }

        private void takeTurn(Runnable task) {
            if (!turns.take(request.getComponents().getExecutor(), task, callback::failed)) {
                sendBusy();
            }
        }

        private void answerOrHandOver() {
            Answer answer = answer();
            if (answer != null) {
                send(answer);
            } else {
                handover.take(request, Optional.ofNullable(body).map(ByteBuffer::wrap), response, callback, this);
            }
        }

        private @Nullable Answer answer() {
            if (until.passed()) {
                return new Refusal(503, "this node has too many requests at once, and this one's turn came too late")
                        .answer();
            }
            try {
                return alarms.within(until.remaining(maxDuration), this::answerOrInterrupt);
            } catch (InterruptedException e) {
                // Initialising alone is ended so, and says otherwise what it may have made; the stores tell themselves
                // what they did not do.
                return new Refusal(503, "the request took longer than " + maxDuration.toMillis() + " ms").answer();
            } catch (Exception e) {
                log.error("a request could not be answered", e);
                return Answer.error(500, "internal error");
            }
        }

        private @Nullable Answer answerOrInterrupt() throws InterruptedException {
            try {
                Map<String, String> query = Paths.query(request.getHttpURI().getQuery());
                String list = query.getOrDefault("list", "");
                Verb verb = Verb.of(request.getMethod(), list.equals("true") || list.equals("1"));
                if (verb == null) {
                    throw Refusal.unsupported();
                }
                // What is listed is below a path, with or without the slash.
                String whole = verb == Verb.LIST && !path.endsWith("/") ? path + "/" : path;
                return service.answer(new Call(verb, whole, query, token(), content()));
            } catch (Refusal e) {
                return e.answer();
            }
        }

        private Call.Content content() {
            return new Call.Content() {
                @Override
                public byte[] read() {
                    byte[] known = body;
                    if (known == null) {
                        known = Bodies.read(request, longest(path));
                        body = known;
                    }
                    return known;
                }

                @Override
                public boolean isShort() {
                    return body != null || Bodies.length(request) == 0;
                }
            };
        }

        private String token() {
            String own = request.getHeaders().get("X-Vault-Token");
            if (own != null && !own.isBlank()) {
                return own.strip();
            }
            String bearer = request.getHeaders().get(HttpHeader.AUTHORIZATION);
            boolean isBearer = bearer != null && bearer.regionMatches(true, 0, "Bearer ", 0, 7);
            return isBearer ? bearer.substring(7).strip() : "";
        }

        @Override
        public void redirect() {
            takeTurn(this::redirectNow);
        }

        private void redirectNow() {
            Answer answer;
            try {
                answer = redirects.answer(
                        Request.getServerName(request),
                        request.getHttpURI().getPort(),
                        request.getHttpURI().getPathQuery());
            } catch (RuntimeException e) {
                log.error("a request could not be redirected", e);
                answer = Answer.error(500, "internal error");
            }
            send(answer);
        }

        @Override
        public void answerHere(ByteBuffer read) {
            byte[] bytes = new byte[read.remaining()];
            read.duplicate().get(bytes);
            body = bytes;
            request.getComponents()
                    .getExecutor()
                    .execute(() -> takeTurn(() -> {
                        Answer answer = answer();
                        if (answer != null) {
                            send(answer);
                        } else {
                            redirectNow();
                        }
                    }));
        }

        private void sendBusy() {
            send(new Refusal(503, "this node has too many requests at once").answer());
        }

        private void send(Answer answer) {
            ApiHandler.send(answer, request, response, callback);
        }
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
