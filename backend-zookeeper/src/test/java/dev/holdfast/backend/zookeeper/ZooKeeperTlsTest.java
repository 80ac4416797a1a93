package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS against a real server that asks for a client's certificate, as a user gets it: in ZooKeeper's FIPS mode. */
@Timeout(180)
@ResourceLock("processors")
class ZooKeeperTlsTest {
    private static final String NAMED = "127.0.0.1";
    private static final String NOT_NAMED = "127.0.0.2";

    @TempDir
    private static Path folder;

    private static SecureZooKeeper server;

    @BeforeAll
    static void startServer() throws Exception {
        server = SecureZooKeeper.start(folder);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private static Backend open(String address, String trusted, String... more) {
        List<String> options = new ArrayList<>(List.of("tls_trust_store", server.file(trusted)));
        options.addAll(List.of(more));
        return server.openTls(address, options.toArray(String[]::new));
    }

    private static String[] with(String keys, String... more) {
        List<String> options = new ArrayList<>(List.of("tls_key_store", server.file(keys)));
        if (!keys.endsWith(".pem")) {
            options.addAll(List.of("tls_key_store_password", SecureZooKeeper.STORE_PASSWORD));
        }
        options.addAll(List.of(more));
        return options.toArray(String[]::new);
    }

    private static void isUnavailable(Backend backend) {
        assertThatThrownBy(() -> backend.get(Key.of("any"))).isInstanceOf(BackendException.Unavailable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"client.p12", "client.jks", "client-key.pem"})
    void aClientShowsItsCertificateFromAStoreOfAnyKind(String keys) throws Exception {
        try (Backend backend = open(NAMED, "server.pem", with(keys, "path", keys))) {
            SecureZooKeeper.works(backend);
        }
    }

    @Test
    void whomToTrustMayBeAStoreWithAPassword() throws Exception {
        String[] more = with("client.p12", "tls_trust_store_password", SecureZooKeeper.STORE_PASSWORD, "path", "trust");
        try (Backend backend = open(NAMED, "client-trusts.p12", more)) {
            SecureZooKeeper.works(backend);
        }
    }

    @Test
    void aServerThatNobodyTrustsIsNotUsed() {
        try (Backend backend = open(NAMED, "stranger.pem", with("client.p12", "request_timeout", "3s"))) {
            isUnavailable(backend);
        }
    }

    @Test
    void aServerWhoseCertificateNamesAnotherHostIsNotUsed() throws Exception {
        new Socket(NOT_NAMED, server.tlsPort(NOT_NAMED)).close(); // so it is not for want of a server
        try (Backend backend = open(NOT_NAMED, "server.pem", with("client.p12", "request_timeout", "3s"))) {
            isUnavailable(backend);
        }
    }

    @Test
    void aClientWithoutACertificateIsNotLetIn() {
        try (Backend backend = open(NAMED, "server.pem", "request_timeout", "3s")) {
            isUnavailable(backend);
        }
    }

    @Test
    void nodesMayBelongToACertificate() throws Exception {
        String[] owned = with("client.p12", "path", "certified", "owner", "x509:CN=client");
        try (Backend owner = open(NAMED, "server.pem", owned);
                Backend other = server.open("path", "certified")) {
            SecureZooKeeper.works(owner);
            assertThatThrownBy(() -> other.get(Key.of("a/key"))).isInstanceOf(BackendException.AccessDenied.class);
        }
    }
}
