package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.server.Servers.One;
import dev.holdfast.spi.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Servers that a key file unseals. */
class AutoUnsealTest {
    @RegisterExtension
    final Servers servers = new Servers();

    private static Path keyFile(Path directory, int bytes, String permissions) throws IOException {
        Path file = Files.createTempFile(directory, "unseal", ".key");
        Files.writeString(file, Base64.getEncoder().encodeToString(new byte[bytes]) + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void aKeyFileUnsealsAfterInitAndAfterEachRestart(@TempDir Path directory) throws IOException {
        servers.with("seal \"file\" { path = \"" + keyFile(directory, 32, "rw-------") + "\" }");
        One first = servers.start();

        JsonNode made = first.put("sys/init", "{}").json();

        assertThat(made.get("keys")).isEmpty();
        first.awaitActive();
        first.close();
        One again = servers.start().awaitActive();
        assertThat(again.get("sys/seal-status").json().get("type").asText()).isEqualTo("file");
    }

    @Test
    void aNodeThatWasSealedStaysSoUntilItIsGivenTheKeyByHand(@TempDir Path directory) throws IOException {
        Path file = keyFile(directory, 32, "rw-------");
        servers.with("seal \"file\" { path = \"" + file + "\" }");
        One node = servers.start();
        servers.token = node.put("sys/init", "{}").json().get("root_token").asText();
        node.awaitActive();
        Servers.await("nothing is left to unseal", AutoUnsealTest::nobodyUnseals);

        assertThat(node.put("sys/seal", "").status()).isEqualTo(204);

        assertThat(node.get("sys/health").status()).isEqualTo(503);
        assertThat(nobodyUnseals()).isTrue();
        String key = Files.readString(file).strip();
        assertThat(node.put("sys/unseal", "{\"key\":\"" + key + "\"}").status()).isEqualTo(200);
        node.awaitActive();
    }

    private static boolean nobodyUnseals() {
        return Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("holdfast-server-unseal"));
    }

    @Test
    void aKeyFileThatOthersMayReadIsRefused(@TempDir Path directory) throws IOException {
        servers.with("seal \"file\" { path = \"" + keyFile(directory, 32, "rw-r--r--") + "\" }");

        assertThatThrownBy(servers::start)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("chmod 600")
                .hasMessageNotContaining("AAAA");
    }

    @Test
    void aKeyFileOfAnotherSizeIsRefused(@TempDir Path directory) throws IOException {
        servers.with("seal \"file\" { path = \"" + keyFile(directory, 16, "rw-------") + "\" }");

        assertThatThrownBy(servers::start).isInstanceOf(ConfigException.class).hasMessageContaining("32 bytes");
    }
}
