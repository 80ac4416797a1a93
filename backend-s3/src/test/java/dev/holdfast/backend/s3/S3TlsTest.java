package dev.holdfast.backend.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.backend.s3.FakeS3.Flaw;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom an instance talks to over TLS. In a JVM of its own, because what a JVM trusts is settled once. */
class S3TlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path files;

    @Test
    void aStoreWithATrustedCertificateForItsName() throws Exception {
        assertThat(put("ip:127.0.0.1", true)).isEqualTo("done");
    }

    @Test
    void aTrustedCertificateForAnotherNameIsRefusedBeforeAnythingIsSent() throws Exception {
        assertThat(put("dns:other.example", true)).startsWith("Unavailable").contains("127.0.0.1");
    }

    @Test
    void aCertificateOfNobodyIsRefusedBeforeAnythingIsSent() throws Exception {
        assertThat(put("ip:127.0.0.1", false)).startsWith("Unavailable").contains("certification path");
    }

    private String put(String name, boolean trusted) throws Exception {
        Path keys = files.resolve("keys.p12");
        run(List.of(
                tool("keytool"),
                "-genkeypair",
                "-alias",
                "s3",
                "-keyalg",
                "EC",
                "-dname",
                "CN=s3",
                "-ext",
                "san=" + name,
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD));
        try (FakeS3 store = new FakeS3(Flaw.HAS_NO_304, tls(keys))) {
            List<String> command = new ArrayList<>(List.of(tool("java"), "-cp", System.getProperty("java.class.path")));
            if (trusted) {
                command.add("-Djavax.net.ssl.trustStore=" + keys);
                command.add("-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
            }
            command.add(S3TlsTest.class.getName());
            store.options().forEach((option, value) -> command.add(option + "=" + value));
            String said = run(command);
            assertThat(store.requests() > 0).as("a request arrived").isEqualTo(said.equals("done"));
            return said;
        }
    }

    private static SSLContext tls(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private String run(List<String> command) throws IOException, InterruptedException {
        Path out = files.resolve("out.txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("%s ends", command.get(0))
                    .isTrue();
            assertThat(process.exitValue()).as(Files.readString(out)).isZero();
            return Files.readString(out).strip();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Puts one entry and says what became of it. */
    public static void main(String[] options) {
        Map<String, String> config = new HashMap<>();
        for (String option : options) {
            config.put(option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
        }
        config.put("ha_enabled", "false");
        config.put("request_timeout", "20s"); // a JVM that has only just started
        try (Backend backend = Backends.load().open("s3", config)) {
            backend.put(Entry.of(Key.of("key"), "value".getBytes(UTF_8)));
            System.out.println("done");
        } catch (BackendException e) {
            System.out.println(e.getClass().getSimpleName() + " " + e.getMessage());
        }
    }
}
