package dev.holdfast.backend.s3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** Single objects over HTTP, in memory, with the mistakes that a test asks for. */
final class FakeS3 implements AutoCloseable {
    /** What it gets wrong. */
    enum Flaw {
        IGNORES_IF_NONE_MATCH,
        IGNORES_IF_MATCH,
        WANTS_BARE_ETAGS,
        REFUSES_CONDITIONS,
        HAS_NO_304
    }

    private record Stored(String text, String etag) {}

    private final Map<String, Stored> objects = new HashMap<>();
    private final Flaw flaw;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger requests = new AtomicInteger();
    private int versions;

    /** How the next requests are answered instead: status and code. */
    private final AtomicInteger refusals = new AtomicInteger();

    private volatile int refusalStatus;
    private volatile String refusalCode = "";
    private volatile Duration refusalDelay = Duration.ZERO;

    FakeS3(Flaw flaw) {
        this(flaw, null);
    }

    /** @param tls null for plain HTTP */
    FakeS3(Flaw flaw, SSLContext tls) {
        this.flaw = flaw;
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try {
            if (tls == null) {
                server = HttpServer.create(address, 0);
            } else {
                HttpsServer secure = HttpsServer.create(address, 0);
                secure.setHttpsConfigurator(new HttpsConfigurator(tls));
                server = secure;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    Map<String, String> options() {
        return Map.of(
                "endpoint",
                        (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:"
                                + server.getAddress().getPort(),
                "bucket", "fake",
                "access_key", "key",
                "secret_key", "secret",
                "checksums", "when_required",
                "request_timeout", "2s");
    }

    /** Answers so many requests with an error, each after {@code delay}. */
    void refuseSlowly(Duration delay, int times, int status, String code) {
        refusalDelay = delay;
        refuse(times, status, code);
    }

    /** Answers so many requests with an error. */
    void refuse(int times, int status, String code) {
        refusalStatus = status;
        refusalCode = code;
        refusals.set(times);
    }

    /** How many requests came. */
    int requests() {
        return requests.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        requests.incrementAndGet();
        if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            pause(refusalDelay);
            error(exchange, refusalStatus, refusalCode);
            return;
        }
        String path = exchange.getRequestURI().getPath();
        switch (exchange.getRequestMethod()) {
            case "PUT" -> put(exchange, path, body);
            case "GET" -> get(exchange, path);
            default -> {
                synchronized (objects) {
                    objects.remove(path);
                }
                send(exchange, 204, new byte[0]);
            }
        }
    }

    private void put(HttpExchange exchange, String path, byte[] body) throws IOException {
        String ifMatch = exchange.getRequestHeaders().getFirst("If-Match");
        String ifNoneMatch = exchange.getRequestHeaders().getFirst("If-None-Match");
        if (flaw == Flaw.REFUSES_CONDITIONS && (ifMatch != null || ifNoneMatch != null)) {
            error(exchange, 501, "NotImplemented");
            return;
        }
        String etag;
        synchronized (objects) {
            Stored before = objects.get(path);
            boolean exists = ifNoneMatch != null && before != null && flaw != Flaw.IGNORES_IF_NONE_MATCH;
            boolean other = ifMatch != null && flaw != Flaw.IGNORES_IF_MATCH && !matches(ifMatch, before);
            if (exists || other) {
                etag = null;
            } else {
                etag = "\"" + ++versions + "\"";
                objects.put(path, new Stored(new String(body, ISO_8859_1), etag));
            }
        }
        if (etag == null) {
            error(exchange, 412, "PreconditionFailed");
        } else {
            exchange.getResponseHeaders().set("ETag", etag);
            send(exchange, 200, new byte[0]);
        }
    }

    private boolean matches(String etag, Stored stored) {
        if (stored == null) {
            return false;
        }
        return etag.equals(flaw == Flaw.WANTS_BARE_ETAGS ? stored.etag().replace("\"", "") : stored.etag());
    }

    private void get(HttpExchange exchange, String path) throws IOException {
        Stored stored;
        synchronized (objects) {
            stored = objects.get(path);
        }
        String known = exchange.getRequestHeaders().getFirst("If-None-Match");
        if (stored == null) {
            error(exchange, 404, "NoSuchKey");
        } else if (flaw != Flaw.HAS_NO_304 && known != null && matches(known, stored)) {
            exchange.sendResponseHeaders(304, -1);
            exchange.close();
        } else {
            exchange.getResponseHeaders().set("ETag", stored.etag());
            send(exchange, 200, stored.text().getBytes(ISO_8859_1));
        }
    }

    private static void pause(Duration delay) throws IOException {
        try {
            TimeUnit.NANOSECONDS.sleep(delay.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getResponseHeaders().set("x-amz-bucket-region", "eu-central-1");
        send(exchange, status, ("<Error><Code>" + code + "</Code><Message>as asked</Message></Error>").getBytes(UTF_8));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
