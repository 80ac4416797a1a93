package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Chromium without a window, with one page in it, spoken to by its DevTools protocol. */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** For one that nobody has started before on a busy machine. */
    private static final Duration START = Duration.ofSeconds(90);

    private final Path home;
    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();

    Browser() throws Exception {
        String executable = Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, "chromium"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no browser: install the package 'chromium'"));
        home = Files.createTempDirectory("holdfast-chromium-");
        process = new ProcessBuilder(
                        executable,
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + home,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path chosen = home.resolve("DevToolsActivePort");
        Servers.await("chromium has started", START, () -> lines(chosen) > 1);
        HttpClient http = HttpClient.newHttpClient();
        URI list = URI.create("http://127.0.0.1:" + Files.readAllLines(chosen).get(0) + "/json/list");
        String[] address = {""};
        Servers.await("chromium has a page", START, () -> {
            address[0] = page(http, list).orElse("");
            return !address[0].isEmpty();
        });
        socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(address[0]), new Listener())
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", Map.of());
        }
    }

    /** Where its page is spoken to; there may be none yet when there is a port. */
    private static Optional<String> page(HttpClient http, URI list) {
        HttpRequest get =
                HttpRequest.newBuilder(list).timeout(Duration.ofSeconds(30)).build();
        try {
            String all = http.send(get, HttpResponse.BodyHandlers.ofString()).body();
            JsonNode pages = JSON.readTree(all);
            return Stream.iterate(0, i -> i + 1)
                    .limit(pages.size())
                    .map(pages::get)
                    .filter(page -> page.path("type").asText().equals("page"))
                    .map(page -> page.path("webSocketDebuggerUrl").asText())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file).size() : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
            JsonNode message = JSON.readTree(text);
            CompletableFuture<JsonNode> answer =
                    answers.remove(message.path("id").asInt());
            if (answer == null) {
                events.add(message);
            } else if (message.has("error")) {
                answer.completeExceptionally(new AssertionError(text));
            } else {
                answer.complete(message.get("result"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode call(String method, Map<String, ?> parameters) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        socket.sendText(message.toString(), true).join();
        return answer.orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** Makes the window as large as this, for readers who like it light or dark. */
    void look(int width, boolean dark) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 844, "deviceScaleFactor", 1, "mobile", width < 600));
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    void open(String address) {
        events.clear();
        call("Page.navigate", Map.of("url", address));
        Servers.await(
                address + " is loaded",
                () -> events.stream()
                        .anyMatch(event -> event.path("method").asText().equals("Page.loadEventFired")));
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

    String text(String selector) {
        return run("document.querySelector(`" + selector + "`).innerText").asText();
    }

    int count(String selector) {
        return run("document.querySelectorAll(`" + selector + "`).length").asInt();
    }

    /** A key of the keyboard, pressed and let go. */
    void press(String key, int code) {
        for (String type : List.of("rawKeyDown", "char", "keyUp")) {
            if (!type.equals("char") || key.equals("Enter")) {
                call(
                        "Input.dispatchKeyEvent",
                        Map.of(
                                "type",
                                type,
                                "key",
                                key,
                                "code",
                                key,
                                "windowsVirtualKeyCode",
                                code,
                                "text",
                                type.equals("char") ? "\r" : ""));
            }
        }
    }

    /** Errors of scripts, refused content, and requests to elsewhere than where the page is from. */
    List<String> troubles(String origin) {
        List<String> troubles = new ArrayList<>();
        for (JsonNode event : events) {
            JsonNode of = event.path("params");
            String url = of.path("request").path("url").asText();
            switch (event.path("method").asText()) {
                case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded" ->
                    troubles.add(of.toString());
                case "Network.requestWillBeSent" -> {
                    if (!url.startsWith(origin + "/ui/")) {
                        troubles.add("asked for " + url);
                    }
                }
                default -> {}
            }
        }
        return troubles;
    }

    /** The page from top to bottom, as PNG. */
    void picture(Path file) throws IOException {
        run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))");
        JsonNode shot = call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(shot.path("data").asText()));
    }

    @Override
    public void close() throws IOException {
        try {
            call("Browser.close", Map.of());
        } finally {
            socket.abort();
            process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().onExit().join();
            try (Stream<Path> files = Files.walk(home)) {
                files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            }
        }
    }
}
