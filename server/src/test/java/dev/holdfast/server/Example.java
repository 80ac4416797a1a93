package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A configuration that docs/OPERATE.md shows, for a server that is started with it as it is but for addresses and files. */
final class Example {
    private Example() {}

    /**
     * Starts it.
     *
     * @param replaced what it has that this machine has not, and what stands for that
     */
    static ServerProcess start(String name, Path directory, Client client, Map<String, String> replaced)
            throws IOException {
        String text = Files.readString(Path.of("examples", name));
        for (Map.Entry<String, String> one : replaced.entrySet()) {
            assertThat(text).contains(one.getKey());
            text = text.replace(one.getKey(), one.getValue());
        }
        Path config = Files.writeString(
                Files.createTempDirectory(directory, "example-").resolve(name), text);
        return new ServerProcess(config, client).awaitListening();
    }

    /** From nothing to a value that is read back; returns what initialising it gave. */
    static JsonNode serves(ServerProcess server) {
        JsonNode made = server.client("")
                .put("sys/init", "{\"secret_shares\":1,\"secret_threshold\":1}")
                .json();
        unseal(server, made);
        Servers.await("it is active: " + server.log(), () -> server.client("").isActive());
        Client client = server.client(made.get("root_token").asText());
        assertThat(client.put("secret/example", "{\"k\":1}").status()).isEqualTo(204);
        assertThat(client.get("secret/example").json().at("/data/k").asInt()).isEqualTo(1);
        return made;
    }

    static void unseal(ServerProcess server, JsonNode made) {
        String body = "{\"key\":\"" + made.at("/keys/0").asText() + "\"}";
        assertThat(server.client("").put("sys/unseal", body).status()).isEqualTo(200);
    }
}
