package dev.holdfast.backend.etcd;

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

/** What must hold when links break, where they carry TLS and tokens run out within a second. */
class EtcdTlsConformanceTest extends BackendConformance {
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
        private SecureEtcd started;

        @Override
        public String type() {
            return "etcd";
        }

        @Override
        public String name() {
            return "etcd-tls";
        }

        @Override
        public void start() {
            try {
                started = SecureEtcd.start(folder);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            Map<String, String> patient = new HashMap<>(options());
            patient.put("request_timeout", "30s"); // the first handshake takes a JVM longer than all that follow
            try (Backend first = Backends.load().open("etcd", patient)) {
                first.delete(Key.of("first"));
            }
        }

        @Override
        public Map<String, String> options() {
            Map<String, String> options = new HashMap<>(
                    Objects.requireNonNull(started, "start() comes first").options());
            options.putAll(Map.of("path", "tck/", "lock_ttl", "2s", "request_timeout", "2s"));
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
            return "etcd 3.5, TLS with certificates of clients, tokens of 1 s";
        }

        @Override
        public Optional<Map<String, String>> wrongCredentials() {
            return Optional.of(Map.of("password", "not-" + SecureEtcd.PASSWORD));
        }

        @Override
        public void close() {
            if (started != null) {
                started.close();
            }
        }
    }
}
