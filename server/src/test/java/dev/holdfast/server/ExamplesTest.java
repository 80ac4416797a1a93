package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.config.ConfigReader;
import dev.holdfast.server.config.ConfigSource;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.spi.Backends;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The configurations that docs/OPERATE.md shows. */
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("examples");

    @ParameterizedTest
    @ValueSource(strings = {"one-node.hcl", "etcd-node.hcl", "s3-with-etcd.json"})
    void isValid(String name, @TempDir Path directory) throws Exception {
        X509Certificate unused = TlsFiles.writeTo(directory);
        String text = Files.readString(EXAMPLES.resolve(name)).replace("/etc/holdfast/", directory + "/");
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new ServerCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(
                        "check",
                        "-config",
                        Files.writeString(directory.resolve(name), text).toString());

        assertThat(err.toString()).isEmpty();
        assertThat(out.toString()).contains("The configuration is valid.");
        assertThat(exit).isZero();
    }

    @Test
    void theSmallestOneStarts() throws Exception {
        ConfigSource file =
                ConfigSource.of(List.of(EXAMPLES.resolve("one-node.hcl"))).get(0);
        // Its port may be in use on this machine.
        ConfigSource anyPort =
                new ConfigSource(file.name(), file.text().replace("127.0.0.1:8200\"\n  tls", "127.0.0.1:0\"\n  tls"));
        ServerConfig config = new ConfigReader(name -> null, plugins -> Backends.load()).read(List.of(anyPort));

        try (HoldfastServer server = HoldfastServer.start(config, Backends.load())) {
            Client client = new Client("http://127.0.0.1:" + server.ports().get(0), "");
            assertThat(client.get("sys/seal-status").json().get("initialized").asBoolean())
                    .isFalse();
            assertThat(server.banner())
                    .contains("Storage: inmem (HA available)")
                    .contains("Fencing: fenced");
        }
    }

    @Test
    void mistakesAreShownAndEndWithTheCodeForThem() {
        StringWriter err = new StringWriter();
        CommandLine server = new CommandLine(new ServerCommand()).setErr(new PrintWriter(err));

        assertThat(server.execute("check", "-config", "examples/none.hcl")).isEqualTo(2);
        assertThat(err.toString()).contains("examples/none.hcl: there is no such file");
        assertThat(server.execute()).isEqualTo(2);
        assertThat(err.toString()).contains("give either -config FILE or -dev");
    }
}
