package dev.holdfast.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.tck.stores.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A reference server in a JVM of its own. */
final class ServerNode implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final int port;
    private final Path log;
    private final Process process;

    /** @param storage the configuration's block for the store */
    ServerNode(Path directory, String storage) throws IOException {
        port = FreePort.next();
        int cluster = FreePort.next();
        Path config = Files.writeString(
                directory.resolve(port + ".hcl"), """
                %s
                listener "tcp" {
                  address = "127.0.0.1:%d"
                  cluster_address = "127.0.0.1:%d"
                  tls_disable = true
                }
                api_addr = "http://127.0.0.1:%d"
                cluster_addr = "127.0.0.1:%d"
                """.formatted(storage, port, cluster, port, cluster));
        log = directory.resolve(port + ".log");
        process = Jvm.start(
                List.of("-Xmx256m"), "dev.holdfast.server.Main", List.of("-config", config.toString()), log.toFile());
    }

    /** Waits until {@code sys/health} answers with one of these. */
    void await(Set<Integer> states) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        int last = 0;
        while (!states.contains(last)) {
            if (!process.isAlive() || System.nanoTime() - end > 0) {
                throw new IllegalStateException("the server is " + last + " instead of " + states + ": " + tail());
            }
            TimeUnit.MILLISECONDS.sleep(50);
            try {
                last = send("GET", "sys/health", "", "").statusCode();
            } catch (IOException e) {
                last = 0; // it does not listen yet
            }
        }
    }

    private String tail() throws IOException {
        String text = Files.readString(log);
        return text.substring(Math.max(0, text.length() - 1_000));
    }

    HttpResponse<String> send(String method, String path, String token, String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/" + path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("X-Vault-Token", token);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** As {@link #send}, and it must succeed. */
    JsonNode ask(String method, String path, String token, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(method, path, token, body);
        if (answer.statusCode() >= 300) {
            throw new IOException(
                    method + " " + path + " was answered with " + answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body().isEmpty() ? "{}" : answer.body());
    }

    /** Returns when it is gone, and writes into its directory no more. */
    @Override
    public void close() {
        try {
            boolean unused = process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
