package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Prefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.Configuration;
import org.apache.zookeeper.server.auth.DigestLoginModule;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.MountableFile;

/** TLS and SASL against a real server that asks for both a client's certificate and, at the other port, a password. */
class ZooKeeperLoginTest {
    private static final String STORE_PASSWORD = "of-the-stores";
    private static final String FIPS = "zookeeper.fips-mode";
    private static final int PLAIN = 2181;
    private static final int SECURE = 2281;

    @TempDir
    private static Path folder;

    private static GenericContainer<?> server;
    private static Configuration before;

    @BeforeAll
    static void startServer() throws Exception {
        keys("server");
        keys("client");
        keys("stranger");
        trust("server", "client-trusts");
        trust("client", "server-trusts");
        String settings = String.join(
                " ",
                "secureClientPort=" + SECURE,
                "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
                "ssl.keyStore.location=/conf/server.p12",
                "ssl.keyStore.password=" + STORE_PASSWORD,
                "ssl.trustStore.location=/conf/server-trusts.p12",
                "ssl.trustStore.password=" + STORE_PASSWORD,
                "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider");
        String jars = Stream.of("zookeeper", "netty-codec", "slf4j-log4j12", "log4j-1.2")
                .map(jar -> "/usr/share/java/" + jar + ".jar")
                .collect(Collectors.joining(":"));
        String flags = "-cp /conf:" + jars + " -Djava.security.auth.login.config=/conf/jaas.conf";
        String jaas =
                "Server { org.apache.zookeeper.server.auth.DigestLoginModule required user_vault=\"open-sesame\"; };";
        server = new GenericContainer<>("holdfast/zookeeper:3.9")
                .withEnv("ZOO_CFG_EXTRA", settings)
                .withEnv("ZOO_4LW_COMMANDS_WHITELIST", "srvr")
                .withEnv("SERVER_JVMFLAGS", flags)
                .withLabel(
                        "dev.holdfast.run",
                        Optional.ofNullable(System.getenv("HOLDFAST_RUN_ID")).orElse("by-hand"))
                .withCopyFileToContainer(
                        MountableFile.forHostPath(folder.resolve("server.p12"), 0644), "/conf/server.p12")
                .withCopyFileToContainer(
                        MountableFile.forHostPath(folder.resolve("server-trusts.p12"), 0644), "/conf/server-trusts.p12")
                .withCopyToContainer(Transferable.of(jaas), "/conf/jaas.conf")
                .withExposedPorts(PLAIN, SECURE)
                .withCreateContainerCmdModifier(create -> create.withHostConfig(
                        HostConfig.newHostConfig().withPortBindings(loopback(PLAIN), loopback(SECURE))))
                .waitingFor(Wait.forLogMessage("(?s).*binding to port .*" + SECURE + ".*", 1));
        server.start();
        before = current();
        System.setProperty(FIPS, "false"); // DIGEST-MD5 is the one mechanism that needs no Kerberos
        Configuration.setConfiguration(new Passwords());
    }

    @AfterAll
    static void stopServer() {
        Configuration.setConfiguration(before);
        System.clearProperty(FIPS);
        server.stop();
    }

    private static Configuration current() {
        try {
            return Configuration.getConfiguration();
        } catch (SecurityException e) {
            return null; // there is none
        }
    }

    /** A free port of loopback for a port of the container. */
    private static PortBinding loopback(int port) {
        return new PortBinding(Ports.Binding.bindIp("127.0.0.1"), ExposedPort.tcp(port));
    }

    private static void keys(String name) throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1,dns:localhost",
                "-keystore",
                store(name),
                "-storetype",
                "PKCS12",
                "-storepass",
                STORE_PASSWORD);
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                name,
                "-keystore",
                store(name),
                "-storepass",
                STORE_PASSWORD,
                "-file",
                folder.resolve(name + ".pem").toString());
    }

    private static void trust(String trusted, String store) throws Exception {
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                trusted,
                "-file",
                folder.resolve(trusted + ".pem").toString(),
                "-keystore",
                store(store),
                "-storetype",
                "PKCS12",
                "-storepass",
                STORE_PASSWORD);
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0)
                .as(said)
                .isTrue();
    }

    private static String store(String name) {
        return folder.resolve(name + ".p12").toString();
    }

    private static Backend open(int port, String... more) {
        Map<String, String> options = new HashMap<>(Map.of("request_timeout", "5s"));
        String scheme = port == SECURE ? "tls://" : "";
        options.put("endpoints", scheme + "127.0.0.1:" + server.getMappedPort(port));
        for (int i = 0; i < more.length; i += 2) {
            options.put(more[i], more[i + 1]);
        }
        return Backends.load().open("zookeeper", options);
    }

    private static void works(Backend backend) throws InterruptedException {
        Key key = Key.of("a/key");
        backend.put(Entry.of(key, new byte[600_000]));
        assertThat(backend.get(key)).map(Entry::size).contains(600_000);
        assertThat(backend.list(Prefix.of("a/"))).containsExactly("key");
        try (Lease lease = ((HABackend) backend).lock(key, "me").acquire()) {
            assertThat(lease.isHeld()).isTrue();
        }
    }

    @Test
    void storesOfKeysAreUsedForTls() throws Exception {
        try (Backend backend = open(
                SECURE,
                "path",
                "p12",
                "tls_trust_store",
                store("client-trusts"),
                "tls_trust_store_password",
                STORE_PASSWORD,
                "tls_key_store",
                store("client"),
                "tls_key_store_password",
                STORE_PASSWORD)) {
            works(backend);
        }
    }

    @Test
    void aTrustedCertificateMayBePem() throws Exception {
        try (Backend backend = open(
                SECURE,
                "path",
                "pem",
                "tls_trust_store",
                folder.resolve("server.pem").toString(),
                "tls_key_store",
                store("client"),
                "tls_key_store_password",
                STORE_PASSWORD)) {
            works(backend);
        }
    }

    @Test
    void aServerThatNobodyTrustsIsNotUsed() {
        try (Backend backend = open(
                SECURE,
                "request_timeout",
                "1s",
                "tls_trust_store",
                folder.resolve("stranger.pem").toString(),
                "tls_key_store",
                store("client"),
                "tls_key_store_password",
                STORE_PASSWORD)) {
            assertThatThrownBy(() -> backend.get(Key.of("any"))).isInstanceOf(BackendException.Unavailable.class);
        }
    }

    @Test
    void aJaasSectionLogsInAndOwnsWhatItMakes() throws Exception {
        try (Backend vault = open(PLAIN, "path", "sasl", "sasl_context", "vault")) {
            works(vault);
        }
        try (Backend nobody = open(PLAIN, "path", "sasl")) {
            assertThatThrownBy(() -> nobody.get(Key.of("a/key"))).isInstanceOf(BackendException.AccessDenied.class);
        }
        try (Backend vault = open(PLAIN, "path", "owned", "sasl_context", "vault", "owner", "sasl:vault")) {
            works(vault);
        }
    }

    @Test
    void aRefusedSaslPasswordIsDeniedAtOnce() {
        try (Backend wrong = open(PLAIN, "path", "sasl", "sasl_context", "wrong")) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> wrong.get(Key.of("any")))
                    .isInstanceOf(BackendException.AccessDenied.class)
                    .hasMessageNotContaining("open-barley");
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(3));
        }
    }

    /** What a JAAS file would say. */
    private static final class Passwords extends Configuration {
        @Override
        public AppConfigurationEntry[] getAppConfigurationEntry(String section) {
            String password = section.equals("vault") ? "open-sesame" : "open-barley";
            return new AppConfigurationEntry[] {
                new AppConfigurationEntry(
                        DigestLoginModule.class.getName(),
                        LoginModuleControlFlag.REQUIRED,
                        Map.of("username", "vault", "password", password))
            };
        }
    }
}
