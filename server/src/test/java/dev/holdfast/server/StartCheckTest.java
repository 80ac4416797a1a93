package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.server.config.ConfigReader;
import dev.holdfast.server.config.ConfigSource;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.ConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code holdfast server check} finds what starting would, as far as no socket and no store is needed for it. */
class StartCheckTest {
    private static final String IN_MEMORY = "storage \"inmem\" { store = \"check\" }\n";

    @TempDir
    Path directory;

    private Path cert;
    private Path key;

    @BeforeEach
    void write() throws Exception {
        X509Certificate unused = TlsFiles.writeTo(directory);
        cert = directory.resolve("tls.crt");
        key = directory.resolve("tls.key");
    }

    private String listener(int port) {
        return "listener \"tcp\" {\naddress = \"127.0.0.1:" + port + "\"\ntls_cert_file = \"" + cert
                + "\"\ntls_key_file = \"" + key + "\"\n}\n";
    }

    /** What it prints as errors, after its exit code was looked at. */
    private List<String> check(String text) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new ServerCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(
                        "check",
                        "-config",
                        Files.writeString(directory.resolve("node.hcl"), text).toString());
        List<String> errors = err.toString().lines().toList();
        assertThat(exit).isEqualTo(errors.isEmpty() ? 0 : 2);
        assertThat(out.toString().contains("The configuration is valid.")).isEqualTo(errors.isEmpty());
        return errors;
    }

    private static ConfigException startRefuses(String text) {
        ServerConfig config = new ConfigReader(name -> null, plugins -> Backends.load())
                .read(List.of(new ConfigSource("node.hcl", text)));
        return catchThrowableOfType(ConfigException.class, () -> HoldfastServer.start(config, Backends.load()));
    }

    @Test
    void itSaysAtOnceWhatStartingSays() throws Exception {
        Files.writeString(key, "rubbish");
        Path unseal = directory.resolve("none.key");
        String text = IN_MEMORY + listener(0) + "seal \"file\" { path = \"" + unseal + "\" }\n";

        List<String> errors = check(text);

        assertThat(errors)
                .containsExactly(
                        "error: seal.file.path: " + unseal + ": there is no such file",
                        "error: listener.tcp.tls_key_file: " + key + ": there is no private key in PEM in it",
                        "error: api_addr: is required, since storage \"inmem\" has locks: standbys redirect clients to"
                                + " the active's api_addr; set it in the file or in VAULT_API_ADDR");
        assertThat(startRefuses(text).problems())
                .containsExactlyElementsOf(errors.stream()
                        .map(error -> error.substring("error: ".length()))
                        .toList());
    }

    @Test
    void aLockStoreWhoseLocksAreTurnedOffCarriesNone() throws Exception {
        String text = IN_MEMORY + listener(0) + "ha_storage \"inmem\" {\nha_enabled = \"false\"\n}\n";

        assertThat(check(text + "api_addr = \"http://127.0.0.1:1\"\n"))
                .containsExactly("error: ha_storage \"inmem\": its locks are turned off with ha_enabled, so it cannot"
                        + " carry the lock");
    }

    @Test
    void aNodeThatIsToRunAloneNeedsNoAddress() throws Exception {
        assertThat(check(listener(0) + "storage \"inmem\" {\nha_enabled = \"false\"\n}\n"))
                .isEmpty();
    }

    @Test
    void itOpensNoSocketAndNoStore() throws Exception {
        try (ServerSocket used = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            used.setSoTimeout(500);
            String store = "storage \"etcd\" { endpoints = \"http://127.0.0.1:" + used.getLocalPort() + "\" }\n";

            List<String> errors =
                    check(store + listener(used.getLocalPort()) + "api_addr = \"https://127.0.0.1:8200\"\n");

            assertThat(errors).as("though the listener's port is in use").isEmpty();
            assertThatThrownBy(used::accept).as("a connection to the store").isInstanceOf(SocketTimeoutException.class);
        }
    }
}
