package dev.holdfast.backend.zookeeper;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Prefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.MountableFile;

/**
 * A real server that asks for a client's certificate at one port, and for a password at the other. Its own certificate names
 * {@code 127.0.0.1} only, and it is reached at {@code 127.0.0.2} as well.
 */
final class SecureZooKeeper implements AutoCloseable {
    static final String STORE_PASSWORD = "of-the-stores";
    private static final int PLAIN = 2181;
    private static final int SECURE = 2281;

    private final Path folder;
    private final GenericContainer<?> container;

    private SecureZooKeeper(Path folder, GenericContainer<?> container) {
        this.folder = folder;
        this.container = container;
    }

    /** @param folder for keys and certificates: the server trusts {@code client} and {@code other}, and no {@code stranger} */
    static SecureZooKeeper start(Path folder) throws Exception {
        for (String name : List.of("server", "client", "other", "stranger")) {
            makeKeys(folder, name);
        }
        Path trusted = folder.resolve("server-trusts.pem");
        for (String name : List.of("client", "other")) {
            Files.write(trusted, Files.readAllBytes(folder.resolve(name + ".pem")), CREATE, APPEND);
        }
        makeTrust(folder, "server", "client-trusts");
        String settings = String.join(
                " ",
                "forceSync=no", // as everywhere: a disk that stalls is not what the checks are about
                "secureClientPort=" + SECURE,
                "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
                // Read for each connection, and a password in front costs a tenth of a second each time.
                "ssl.keyStore.location=/conf/server-key.pem",
                "ssl.trustStore.location=/conf/server-trusts.pem",
                "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider");
        String jars = Stream.of("zookeeper", "netty-codec", "slf4j-log4j12", "log4j-1.2")
                .map(jar -> "/usr/share/java/" + jar + ".jar")
                .collect(Collectors.joining(":"));
        String flags = "-cp /conf:" + jars + " -Djava.security.auth.login.config=/conf/jaas.conf";
        String jaas =
                "Server { org.apache.zookeeper.server.auth.DigestLoginModule required user_vault=\"open-sesame\"; };";
        GenericContainer<?> container = new GenericContainer<>("holdfast/zookeeper:3.9")
                .withEnv("ZOO_CFG_EXTRA", settings)
                .withEnv("ZOO_TICK_TIME", "500")
                // The engine's proxy has one address for all clients, and 60 are too few for three rules at a time.
                .withEnv("ZOO_MAX_CLIENT_CNXNS", "0")
                .withEnv("ZOO_4LW_COMMANDS_WHITELIST", "srvr")
                .withEnv("SERVER_JVMFLAGS", flags)
                .withLabel(
                        "dev.holdfast.run",
                        Optional.ofNullable(System.getenv("HOLDFAST_RUN_ID")).orElse("by-hand"))
                .withCopyFileToContainer(
                        MountableFile.forHostPath(folder.resolve("server-key.pem"), 0644), "/conf/server-key.pem")
                .withCopyFileToContainer(MountableFile.forHostPath(trusted, 0644), "/conf/server-trusts.pem")
                .withCopyToContainer(Transferable.of(jaas), "/conf/jaas.conf")
                .withExposedPorts(PLAIN, SECURE)
                .withCreateContainerCmdModifier(create -> create.withHostConfig(HostConfig.newHostConfig()
                        .withPortBindings(at("127.0.0.1", PLAIN), at("127.0.0.1", SECURE), at("127.0.0.2", SECURE))))
                .waitingFor(Wait.forLogMessage("(?s).*binding to port .*" + SECURE + ".*", 1));
        container.start();
        return new SecureZooKeeper(folder, container);
    }

    /** A free port of an address for a port of the container. */
    private static PortBinding at(String address, int port) {
        return new PortBinding(Ports.Binding.bindIp(address), ExposedPort.tcp(port));
    }

    private static void makeKeys(Path folder, String name) throws Exception {
        Path p12 = folder.resolve(name + ".p12");
        keytool(
                ("-genkeypair -alias key -keyalg EC -groupname secp256r1 -dname CN=" + name
                        + " -ext san=ip:127.0.0.1 -storetype PKCS12 -storepass " + STORE_PASSWORD),
                "-keystore",
                p12.toString());
        KeyStore keys = KeyStore.getInstance(p12.toFile(), STORE_PASSWORD.toCharArray());
        String certificate = pem("CERTIFICATE", keys.getCertificate("key").getEncoded());
        byte[] key = keys.getKey("key", STORE_PASSWORD.toCharArray()).getEncoded();
        Files.writeString(folder.resolve(name + ".pem"), certificate);
        Files.writeString(folder.resolve(name + "-key.pem"), pem("PRIVATE KEY", key) + certificate);
        keytool(
                "-importkeystore -srcstoretype PKCS12 -srcstorepass " + STORE_PASSWORD
                        + " -deststoretype JKS -deststorepass " + STORE_PASSWORD,
                "-srckeystore",
                p12.toString(),
                "-destkeystore",
                folder.resolve(name + ".jks").toString());
    }

    private static String pem(String what, byte[] bytes) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }

    private static void makeTrust(Path folder, String trusted, String store) throws Exception {
        keytool(
                "-importcert -noprompt -storetype PKCS12 -storepass " + STORE_PASSWORD + " -alias " + trusted,
                "-file",
                folder.resolve(trusted + ".pem").toString(),
                "-keystore",
                folder.resolve(store + ".p12").toString());
    }

    private static void keytool(String words, String... paths) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(Arrays.asList(words.split(" ", -1)));
        command.addAll(List.of(paths));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0)
                .as(said)
                .isTrue();
    }

    /** A file that was made at the start: {@code name.p12}, {@code name.jks}, {@code name.pem}, {@code name-key.pem}. */
    String file(String name) {
        return folder.resolve(name).toString();
    }

    /** Opens an instance at the port for passwords. */
    Backend open(String... more) {
        return open("127.0.0.1:" + container.getMappedPort(PLAIN), more);
    }

    /** Opens an instance at the port for TLS. */
    Backend openTls(String address, String... more) {
        return open(tlsOptions(address).get("endpoints"), more);
    }

    /** Where the port for TLS is, as options. */
    Map<String, String> tlsOptions(String address) {
        return Map.of("endpoints", "tls://" + address + ":" + tlsPort(address));
    }

    /** The port for TLS at one of the two addresses. */
    int tlsPort(String address) {
        Ports ports = container.getContainerInfo().getNetworkSettings().getPorts();
        return Stream.of(ports.getBindings().get(ExposedPort.tcp(SECURE)))
                .filter(binding -> binding.getHostIp().equals(address))
                .mapToInt(binding -> Integer.parseInt(binding.getHostPortSpec()))
                .findFirst()
                .orElseThrow();
    }

    private static Backend open(String endpoint, String... more) {
        Map<String, String> options = new HashMap<>(Map.of("endpoints", endpoint, "request_timeout", "15s"));
        for (int i = 0; i < more.length; i += 2) {
            options.put(more[i], more[i + 1]);
        }
        return Backends.load().open("zookeeper", options);
    }

    /** Uses an instance for all that there is. */
    static void works(Backend backend) throws InterruptedException {
        Key key = Key.of("a/key");
        backend.put(Entry.of(key, new byte[600_000]));
        assertThat(backend.get(key)).map(Entry::size).contains(600_000);
        assertThat(backend.list(Prefix.of("a/"))).containsExactly("key");
        try (Lease lease = ((HABackend) backend).lock(key, "me").acquire()) {
            assertThat(lease.isHeld()).isTrue();
        }
    }

    @Override
    public void close() {
        container.stop();
    }
}
