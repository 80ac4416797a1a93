package dev.holdfast.tck.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A browser without a window, with one page in it, spoken to by its DevTools protocol. */
final class Chromium implements AutoCloseable {
    private static final long SECONDS = 30;

    /** For one that nobody has started before on a busy machine. */
    private static final long START_SECONDS = 90;

    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path home;
    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();

    private Chromium(Path home, Process process, String address) {
        this.home = home;
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(address), new Listener())
                .orTimeout(SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** Starts it; when there is none, fails and says what to install. */
    static Chromium start() throws Exception {
        String executable = executable();
        Path home = Files.createTempDirectory("holdfast-chromium-");
        List<String> command = List.of(
                executable,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + home,
                "about:blank");
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            Chromium browser = new Chromium(home, process, pageAt(portOf(home, process)));
            for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
                JsonNode unused = browser.call(domain + ".enable", Map.of());
            }
            return browser;
        } catch (Throwable e) {
            end(process, home);
            throw e;
        }
    }

    private static String executable() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        "the report is tested in a real browser, and there is none: install the package 'chromium'"));
    }

    /** The browser writes the port that it chose into a file. */
    private static String portOf(Path home, Process process) throws Exception {
        Path file = home.resolve("DevToolsActivePort");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (process.isAlive() && System.nanoTime() - end < 0) {
            if (Files.exists(file)) {
                List<String> lines = Files.readAllLines(file);
                if (lines.size() > 1) {
                    return lines.get(0);
                }
            }
            Thread.sleep(20);
        }
        throw new AssertionError("chromium did not start within " + START_SECONDS + " s"
                + (process.isAlive() ? "" : ", it ended with status " + process.exitValue()));
    }

    /** Where its page is spoken to; there may be none yet when there is a port. */
    private static String pageAt(String port) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest list = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                .build();
        String pages;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        do {
            pages = http.send(list, HttpResponse.BodyHandlers.ofString()).body();
            for (JsonNode page : MAPPER.readTree(pages)) {
                if (page.path("type").asText().equals("page")) {
                    return page.path("webSocketDebuggerUrl").asText();
                }
            }
            Thread.sleep(20);
        } while (System.nanoTime() - end < 0);
        throw new AssertionError("chromium has no page: " + pages);
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                take(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }

    private void take(String text) {
        try {
            JsonNode message = MAPPER.readTree(text);
            if (message.has("id")) {
                CompletableFuture<JsonNode> answer =
                        answers.remove(message.get("id").asInt());
                if (message.has("error")) {
                    answer.completeExceptionally(new AssertionError(message.toString()));
                } else {
                    answer.complete(message.get("result"));
                }
            } else {
                events.add(message);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private JsonNode call(String method, Map<String, ?> parameters) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode message = MAPPER.createObjectNode().put("id", id).put("method", method);
        message.set("params", MAPPER.valueToTree(parameters));
        socket.sendText(message.toString(), true).join();
        return answer.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    /** Opens a file in a window of this size, and returns when its script has run and all is laid out. */
    void open(Path file, int width, int height, boolean dark) throws Exception {
        JsonNode unused = call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        unused = call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        events.clear();
        unused = call("Page.navigate", Map.of("url", file.toUri().toString()));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (events.stream().noneMatch(event -> event.path("method").asText().equals("Page.loadEventFired"))) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("the page was not loaded within " + SECONDS + " s");
            }
            Thread.sleep(5);
        }
        settle();
    }

    /** Lets the page lay itself out twice: what the first layout makes it change is then done. */
    void settle() {
        JsonNode unused =
                run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
    }

    /** The value of an expression in the page. */
    JsonNode run(String expression) {
        JsonNode answer =
                call("Runtime.evaluate", Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    /** What the page asked for beyond itself, and what went wrong in it: errors of scripts, refused content. */
    List<String> troubles() {
        List<String> troubles = new ArrayList<>();
        for (JsonNode event : events) {
            JsonNode of = event.path("params");
            switch (event.path("method").asText()) {
                case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded" ->
                    troubles.add(of.toString());
                case "Network.requestWillBeSent" -> {
                    if (!of.path("type").asText().equals("Document")) {
                        troubles.add(
                                "asked for " + of.path("request").path("url").asText());
                    }
                }
                default -> {}
            }
        }
        return troubles;
    }

    /** The page from top to bottom, as PNG. */
    void picture(Path file) throws IOException {
        JsonNode shot = call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        Files.write(file, Base64.getDecoder().decode(shot.path("data").asText()));
    }

    @Override
    public void close() throws IOException {
        try {
            JsonNode unused = call("Browser.close", Map.of());
        } finally {
            socket.abort();
            end(process, home);
        }
    }

    private static void end(Process process, Path home) throws IOException {
        try {
            process.onExit().get(10, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().onExit().join();
        }
        try (Stream<Path> files = Files.walk(home)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
