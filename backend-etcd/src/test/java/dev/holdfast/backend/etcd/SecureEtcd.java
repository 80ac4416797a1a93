package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;

/** One etcd in a container that wants a client's certificate and a password, and forgets a token that was idle for 1 s. */
final class SecureEtcd implements AutoCloseable {
    static final String USER = "root";
    static final String GUEST = "guest";

    /** May use what lies below {@link #ITS_PATH}, and nothing else. */
    static final String SERVICE = "service";

    static final String ITS_PATH = "services/";
    static final String PASSWORD = "open-sesame-1001";
    private static final int PORT = 2379;

    private final Path folder;
    private final GenericContainer<?> container;

    private SecureEtcd(Path folder, GenericContainer<?> container) {
        this.folder = folder;
        this.container = container;
    }

    static SecureEtcd start(Path folder) throws Exception {
        for (String name : List.of("server", "client", "stranger")) {
            makeKeys(folder, name);
        }
        GenericContainer<?> container = new GenericContainer<>("holdfast/etcd:3.5")
                .withCommand(("etcd --bcrypt-cost 4 --unsafe-no-fsync --auth-token simple --auth-token-ttl 1"
                                + " --listen-client-urls https://0.0.0.0:2379 --advertise-client-urls https://127.0.0.1:2379"
                                + " --cert-file /tls/server.pem --key-file /tls/server.key"
                                + " --trusted-ca-file /tls/client.pem --client-cert-auth")
                        .split(" "))
                .withLabel(
                        "dev.holdfast.run",
                        Optional.ofNullable(System.getenv("HOLDFAST_RUN_ID")).orElse("by-hand"))
                .withExposedPorts(PORT)
                .withCreateContainerCmdModifier(create -> create.withHostConfig(HostConfig.newHostConfig()
                        .withPortBindings(new PortBinding(Ports.Binding.bindIp("127.0.0.1"), ExposedPort.tcp(PORT)))))
                .waitingFor(Wait.forLogMessage("(?s).*serving client traffic securely.*", 1));
        for (String file : List.of("server.pem", "server.key", "client.pem", "client.key")) {
            container.withCopyToContainer(Transferable.of(Files.readAllBytes(folder.resolve(file))), "/tls/" + file);
        }
        container.start();
        SecureEtcd started = new SecureEtcd(folder, container);
        started.etcdctl("user", "add", USER + ":" + PASSWORD);
        started.etcdctl("user", "grant-role", USER, "root");
        started.etcdctl("user", "add", GUEST + ":" + PASSWORD);
        started.etcdctl("role", "add", SERVICE);
        started.etcdctl("role", "grant-permission", SERVICE, "--prefix=true", "readwrite", ITS_PATH);
        started.etcdctl("user", "add", SERVICE + ":" + PASSWORD);
        started.etcdctl("user", "grant-role", SERVICE, SERVICE);
        started.etcdctl("auth", "enable");
        return started;
    }

    /** What lets {@link #USER} in. */
    Map<String, String> options() {
        return Map.of(
                "endpoints",
                endpoint(),
                "username",
                USER,
                "password",
                PASSWORD,
                "tls_ca_file",
                file("server.pem"),
                "tls_cert_file",
                file("client.pem"),
                "tls_key_file",
                file("client.key"));
    }

    String endpoint() {
        return "https://127.0.0.1:" + container.getMappedPort(PORT);
    }

    String file(String name) {
        return folder.resolve(name).toString();
    }

    /** Returns when a token is refused that was fetched now, and with it all that were not used since. */
    void awaitExpiryOfTokensFetchedUntilNow() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", container.getMappedPort(PORT))
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(Path.of(file("server.pem")).toFile())
                        .keyManager(
                                Path.of(file("client.pem")).toFile(),
                                Path.of(file("client.key")).toFile())
                        .build())
                .build();
        try {
            AuthenticateRequest login = AuthenticateRequest.newBuilder()
                    .setName(USER)
                    .setPassword(PASSWORD)
                    .build();
            Metadata token = new Metadata();
            token.put(
                    Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER),
                    AuthGrpc.newBlockingStub(channel).authenticate(login).getToken());
            // To look is to use it, after which it lasts for another while: so each look comes later than the one
            // before.
            for (int seconds = 3; isGood(channel, token); seconds++) {
                assertThat(seconds).as("seconds without use").isLessThan(8);
                TimeUnit.SECONDS.sleep(seconds);
            }
        } finally {
            channel.shutdownNow();
        }
    }

    private static boolean isGood(ManagedChannel channel, Metadata token) {
        RangeRequest request =
                RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("any")).build();
        try {
            var unused = KVGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token))
                    .range(request);
            return true;
        } catch (StatusRuntimeException e) {
            assertThat(e).hasMessageContaining("invalid auth token");
            return false;
        }
    }

    private void etcdctl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(("etcdctl --endpoints https://127.0.0.1:2379 --cacert /tls/server.pem --cert /tls/client.pem"
                                + " --key /tls/client.key")
                        .split(" ")));
        command.addAll(Arrays.asList(arguments));
        var result = container.execInContainer(command.toArray(String[]::new));
        assertThat(result.getExitCode()).as(result.getStderr()).isZero();
    }

    /** A key, and a certificate that it signs itself, in PEM. */
    private static void makeKeys(Path folder, String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String arguments = " -genkeypair -keyalg EC -groupname secp256r1 -storetype PKCS12 -storepass changeit"
                + " -ext san=ip:127.0.0.1,dns:localhost -alias " + name + " -dname CN=" + name + " -keystore " + store;
        Process process = new ProcessBuilder((tool + arguments).split(" "))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0)
                .as(said)
                .isTrue();
        char[] password = "changeit".toCharArray();
        KeyStore keys = KeyStore.getInstance(store.toFile(), password);
        write(
                folder.resolve(name + ".key"),
                "PRIVATE KEY",
                keys.getKey(name, password).getEncoded());
        write(
                folder.resolve(name + ".pem"),
                "CERTIFICATE",
                keys.getCertificate(name).getEncoded());
    }

    private static void write(Path file, String kind, byte[] content) throws IOException {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(file, "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n");
    }

    @Override
    public void close() {
        container.stop();
    }
}
