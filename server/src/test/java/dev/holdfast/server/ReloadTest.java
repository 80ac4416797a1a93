package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.tck.stores.FreePort;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose certificate is renewed while it runs, as operators of Vault do: new files, then SIGHUP. */
class ReloadTest {
    @TempDir
    Path directory;

    private Path config(int port) throws Exception {
        return Files.writeString(directory.resolve("node.hcl"), """
                storage "inmem" {}
                listener "tcp" {
                  address = "127.0.0.1:%d"
                  cluster_address = "127.0.0.1:%d"
                  tls_cert_file = "%s"
                  tls_key_file = "%s"
                }
                api_addr = "https://127.0.0.1:%d"
                """.formatted(
                        port, FreePort.next(), directory.resolve("tls.crt"), directory.resolve("tls.key"), port));
    }

    /** A new one each time, whose first request is on a new connection. */
    private static Client client(int port, X509Certificate trusted) throws Exception {
        return new Client("https://127.0.0.1:" + port, "", Client.trusting(TlsFiles.trusting(trusted)));
    }

    private static int health(int port, X509Certificate trusted) throws Exception {
        return client(port, trusted).get("sys/health").status();
    }

    @Test
    void newConnectionsGetTheNewCertificateAndABadOneIsNotTaken() throws Exception {
        int port = FreePort.next();
        X509Certificate first = TlsFiles.writeTo(directory);
        Client connected = client(port, first);
        try (ServerProcess server = new ServerProcess(config(port), connected).awaitListening()) {
            X509Certificate second = TlsFiles.writeTo(directory);
            server.hangUp();
            awaitLines(server, 1, "new connections use the certificate of 'CN=holdfast-test' that is valid until ");

            assertThat(health(port, second)).isEqualTo(501);
            assertThatThrownBy(() -> health(port, first))
                    .as("who trusts the old one only")
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(SSLException.class);
            assertThat(connected.get("sys/health").status())
                    .as("on the connection that there was")
                    .isEqualTo(501);

            Path key = Files.writeString(directory.resolve("tls.key"), "rubbish");
            server.hangUp();
            awaitLines(server, 1, "keeps its certificate and key: listener.tcp.tls_key_file: " + key);
            assertThat(health(port, second)).isEqualTo(501);

            X509Certificate third = TlsFiles.writeTo(directory);
            server.hangUp();
            awaitLines(server, 2, "new connections use the certificate");
            assertThat(health(port, third)).isEqualTo(501);
            server.end();
        }
    }

    @Test
    void aServerWithoutACertificateLivesOn() throws Exception {
        try (ServerProcess server = new ServerProcess(directory, "storage \"inmem\" {}").awaitListening()) {
            server.hangUp();

            awaitLines(server, 1, "no listener has a certificate to read again");
            assertThat(server.client("").get("sys/health").status()).isEqualTo(501);
            server.end();
            assertThat(server.exitCode()).as("after SIGTERM").isEqualTo(143);
        }
    }

    private static void awaitLines(ServerProcess server, int count, String part) {
        Servers.await(
                "the log says " + count + " times '" + part + "'",
                () -> server.log().lines().filter(line -> line.contains(part)).count() == count);
    }
}
