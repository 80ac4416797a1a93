package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.BackendConformance;
import dev.holdfast.tck.Harness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What must hold when links break, where they carry TLS. */
@ResourceLock("processors") // a handshake takes more of them than all that is sent afterwards
class ZooKeeperTlsConformanceTest extends BackendConformance {
    /** The first ones take both JVMs a hundred times as long as those that follow. */
    private static final int HANDSHAKES = 20;

    @TempDir
    private static Path folder;

    @Override
    protected String rulesToCheck() {
        return "ER-02,HA-06,LO-02,LV-02";
    }

    @Override
    protected Harness harness() {
        return new Secure();
    }

    private static final class Secure implements Harness {
        private SecureZooKeeper started;

        @Override
        public String type() {
            return "zookeeper";
        }

        @Override
        public String name() {
            return "zookeeper-tls";
        }

        @Override
        public void start() {
            try {
                started = SecureZooKeeper.start(folder);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            Map<String, String> patient = new HashMap<>(options());
            patient.putAll(Map.of("request_timeout", "30s", "session_timeout", "10s"));
            for (int i = 0; i < HANDSHAKES; i++) {
                try (Backend first = Backends.load().open("zookeeper", patient)) {
                    first.delete(Key.of("first"));
                }
            }
        }

        @Override
        public Map<String, String> options() {
            SecureZooKeeper server = Objects.requireNonNull(started, "start() comes first");
            Map<String, String> options = new HashMap<>(server.tlsOptions("127.0.0.1"));
            options.putAll(Map.of(
                    "path",
                    "tck/",
                    "lock_ttl",
                    "6s",
                    "session_timeout",
                    "3s",
                    "request_timeout",
                    "5s",
                    "tls_trust_store",
                    server.file("server.pem"),
                    "tls_key_store",
                    server.file("client-key.pem"),
                    "owner",
                    "x509:CN=client"));
            return options;
        }

        @Override
        public Duration expiryStep() {
            return Duration.ofMillis(500);
        }

        @Override
        public boolean isDisposable() {
            return true;
        }

        @Override
        public String store() {
            return "ZooKeeper 3.9, TLS with certificates of clients";
        }

        @Override
        public Optional<Map<String, String>> wrongCredentials() {
            return Optional.of(Map.of("tls_key_store", started.file("other-key.pem")));
        }

        @Override
        public void close() {
            if (started != null) {
                started.close();
            }
        }
    }
}
