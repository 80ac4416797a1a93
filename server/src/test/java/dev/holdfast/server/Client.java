package dev.holdfast.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;

/** A client of one server that shows redirects instead of following them. */
record Client(String address, String token, HttpClient http) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = newHttp().build();

    Client(String address, String token) {
        this(address, token, HTTP);
    }

    private static HttpClient.Builder newHttp() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(10));
    }

    /** What talks to servers with certificates that this trusts. */
    static HttpClient trusting(SSLContext trust) {
        return newHttp().sslContext(trust).build();
    }

    /** An answer, with its body read as JSON. */
    record Reply(int status, String text, Map<String, List<String>> headers) {
        JsonNode json() {
            try {
                return JSON.readTree(text);
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + text, e);
            }
        }

        String header(String name) {
            return headers.getOrDefault(name, List.of("")).get(0);
        }
    }

    /** @throws UncheckedIOException when there is no answer */
    Reply send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("X-Vault-Token", token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Reply(
                    response.statusCode(), response.body(), response.headers().map());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    Reply get(String path) {
        return send("GET", "/v1/" + path, "");
    }

    Reply put(String path, String body) {
        return send("PUT", "/v1/" + path, body);
    }

    boolean isActive() {
        try {
            return get("sys/health").status() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }
}
