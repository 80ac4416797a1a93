package dev.holdfast.backend.s3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;

/** Single objects over HTTP, in memory, with the mistakes that a test asks for. */
final class FakeS3 implements AutoCloseable {
    static {
        System.setProperty(
                "sun.net.httpserver.nodelay", "true"); // otherwise many an answer waits 40 ms for an acknowledgement
    }

    /** What it gets wrong. */
    enum Flaw {
        NONE,
        IGNORES_IF_NONE_MATCH,
        IGNORES_IF_MATCH,
        WANTS_BARE_ETAGS,
        REFUSES_CONDITIONS,
        DISLIKES_CONDITIONS,
        CHECKS_WHEN_A_WRITE_BEGINS,
        ANSWERS_404_TO_IF_MATCH,
        HAS_NO_ETAGS,
        HAS_NO_304
    }

    private record Stored(String text, String etag) {}

    /** A request, as it came. */
    record Call(String method, String path, Headers headers, long nanos) {}

    /** A request that waits, from when it has come on, until it may go on. */
    static final class Gate {
        private final Predicate<Call> which;
        private final CompletableFuture<Call> come = new CompletableFuture<>();
        private final CountDownLatch open = new CountDownLatch(1);

        private Gate(Predicate<Call> which) {
            this.which = which;
        }

        /** Waits for the request. */
        Call await() throws Exception {
            return come.get(20, TimeUnit.SECONDS);
        }

        void open() {
            open.countDown();
        }

        private void pass(Call call) throws IOException {
            if (which.test(call) && come.complete(call)) {
                try {
                    open.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException();
                }
            }
        }
    }

    private final Map<String, Stored> objects = new HashMap<>();
    private final Flaw flaw;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger conflicts = new AtomicInteger();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final List<Gate> doors = new CopyOnWriteArrayList<>();
    private final List<Gate> exits = new CopyOnWriteArrayList<>();
    private volatile SlowUpload slowUpload;
    private int versions;

    /** How so many of these requests are answered instead; a page in HTML where there is no code. */
    private record Refusal(Predicate<Call> which, AtomicInteger left, Duration delay, int status, String code) {}

    private volatile Refusal refusal = new Refusal(call -> false, new AtomicInteger(), Duration.ZERO, 500, "");

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
                "request_timeout", "15s");
    }

    /** Answers so many requests with an error, each after {@code delay}. */
    void refuseSlowly(Duration delay, int times, int status, String code) {
        refusal = new Refusal(call -> true, new AtomicInteger(times), delay, status, code);
    }

    /** Answers so many requests with an error; with a page in HTML for the code {@code ""}. */
    void refuse(int times, int status, String code) {
        refuse(call -> true, times, status, code);
    }

    /** Answers so many of these requests with an error. */
    void refuse(Predicate<Call> which, int times, int status, String code) {
        refusal = new Refusal(which, new AtomicInteger(times), Duration.ZERO, status, code);
    }

    /** Answers these requests with {@code SlowDown}. */
    void throttle(Predicate<Call> which) {
        refuse(which, Integer.MAX_VALUE, 503, "SlowDown");
    }

    /** Keeps the next such request from being acted on. */
    Gate holdRequest(Predicate<Call> which) {
        Gate gate = new Gate(which);
        doors.add(gate);
        return gate;
    }

    /** Acts on the next such request, but keeps the answer back. */
    Gate holdAnswer(Predicate<Call> which) {
        Gate gate = new Gate(which);
        exits.add(gate);
        return gate;
    }

    /** The next body that comes: when its first byte is waited for, and when its sender is gone before the last one. */
    record SlowUpload(CompletableFuture<Void> begun, CompletableFuture<Long> gone) {}

    /** Takes in bodies at 400 KiB a second from now on. */
    SlowUpload uploadSlowly() {
        SlowUpload next = new SlowUpload(new CompletableFuture<>(), new CompletableFuture<>());
        slowUpload = next;
        return next;
    }

    /** The requests that came, in order. */
    List<Call> calls() {
        return calls;
    }

    /** Writes an object behind everybody's back. */
    void write(String object, byte[] text) {
        synchronized (objects) {
            objects.put("/fake/" + object, new Stored(new String(text, ISO_8859_1), "\"" + ++versions + "\""));
        }
    }

    /** Deletes an object behind everybody's back. */
    void delete(String object) {
        synchronized (objects) {
            objects.remove("/fake/" + object);
        }
    }

    /** What an object holds. */
    byte[] read(String object) {
        synchronized (objects) {
            return objects.get("/fake/" + object).text().getBytes(ISO_8859_1);
        }
    }

    /** How many writes were refused because of their condition. */
    int conflicts() {
        return conflicts.get();
    }

    /** How many requests came. */
    int requests() {
        return requests.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        boolean free = flaw == Flaw.CHECKS_WHEN_A_WRITE_BEGINS && mayWrite(exchange);
        byte[] body = body(exchange);
        requests.incrementAndGet();
        Call call = new Call(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                exchange.getRequestHeaders(),
                System.nanoTime());
        calls.add(call);
        for (Gate door : doors) {
            door.pass(call);
        }
        Refusal said = refusal;
        if (said.which().test(call) && said.left().getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            pause(said.delay());
            error(exchange, said.status(), said.code());
            return;
        }
        switch (call.method()) {
            case "PUT" -> put(exchange, call, body, free);
            case "GET" -> get(exchange, call.path());
            default -> {
                synchronized (objects) {
                    objects.remove(call.path());
                }
                send(exchange, 204, new byte[0]);
            }
        }
    }

    private byte[] body(HttpExchange exchange) throws IOException {
        SlowUpload slow = slowUpload;
        if (slow == null) {
            return exchange.getRequestBody().readAllBytes();
        }
        slow.begun.complete(null);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try {
            byte[] some = new byte[4 << 10];
            for (int n = 0; n >= 0; n = exchange.getRequestBody().read(some)) {
                body.write(some, 0, n);
                pause(Duration.ofMillis(10));
            }
            String length = exchange.getRequestHeaders().getFirst("Content-Length");
            if (length != null && body.size() < Long.parseLong(length)) { // JDK 17 takes this for the end
                throw new EOFException("the connection ended before the body did");
            }
            return body.toByteArray();
        } catch (IOException e) {
            slow.gone.complete(System.nanoTime());
            throw e;
        }
    }

    /** Whether the conditions of a write hold now. */
    private boolean mayWrite(HttpExchange exchange) {
        String ifMatch = exchange.getRequestHeaders().getFirst("If-Match");
        String ifNoneMatch = exchange.getRequestHeaders().getFirst("If-None-Match");
        synchronized (objects) {
            Stored before = objects.get(exchange.getRequestURI().getPath());
            boolean exists = ifNoneMatch != null && before != null && flaw != Flaw.IGNORES_IF_NONE_MATCH;
            boolean other = ifMatch != null && flaw != Flaw.IGNORES_IF_MATCH && !matches(ifMatch, before);
            return !exists && !other;
        }
    }

    /** Whether a write depends on what is there. */
    static boolean isConditional(Call call) {
        return call.method().equals("PUT")
                && (call.headers().containsKey("If-Match") || call.headers().containsKey("If-None-Match"));
    }

    /** @param free whether it may be written whatever is there by now */
    private void put(HttpExchange exchange, Call call, byte[] body, boolean free) throws IOException {
        if (isConditional(call) && (flaw == Flaw.REFUSES_CONDITIONS || flaw == Flaw.DISLIKES_CONDITIONS)) {
            boolean known = flaw == Flaw.DISLIKES_CONDITIONS;
            error(exchange, known ? 400 : 501, known ? "InvalidArgument" : "NotImplemented");
            return;
        }
        String path = call.path();
        String etag;
        boolean absent;
        synchronized (objects) {
            absent = !objects.containsKey(path);
            if (free || mayWrite(exchange)) {
                etag = "\"" + ++versions + "\"";
                objects.put(path, new Stored(new String(body, ISO_8859_1), etag));
            } else {
                etag = null;
            }
        }
        for (Gate exit : exits) {
            exit.pass(call);
        }
        if (etag == null) {
            conflicts.incrementAndGet();
            boolean gone = absent && flaw == Flaw.ANSWERS_404_TO_IF_MATCH;
            error(exchange, gone ? 404 : 412, gone ? "NoSuchKey" : "PreconditionFailed");
        } else {
            if (flaw != Flaw.HAS_NO_ETAGS) {
                exchange.getResponseHeaders().set("ETag", etag);
            }
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
            if (flaw != Flaw.HAS_NO_ETAGS) {
                exchange.getResponseHeaders().set("ETag", stored.etag());
            }
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
        if (code.isEmpty()) {
            send(exchange, status, "<html><body>Not found</body></html>".getBytes(UTF_8));
            return;
        }
        String error = "<Error><Code>" + code + "</Code><Message>as asked</Message><Key>"
                + exchange.getRequestURI().getPath() + "</Key></Error>";
        boolean sts = exchange.getRequestMethod().equals("POST"); // which wraps its errors
        send(exchange, status, (sts ? "<ErrorResponse>" + error + "</ErrorResponse>" : error).getBytes(UTF_8));
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
