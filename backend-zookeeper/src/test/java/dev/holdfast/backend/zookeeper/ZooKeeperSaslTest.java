package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.Configuration;
import org.apache.zookeeper.server.auth.DigestLoginModule;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SASL against a real server. */
@Timeout(180)
class ZooKeeperSaslTest {
    private static final String FIPS = "zookeeper.fips-mode";
    private static final Key KEY = Key.of("a/key");

    @TempDir
    private static Path folder;

    private static SecureZooKeeper server;
    private static Configuration before;

    @BeforeAll
    static void startServer() throws Exception {
        server = SecureZooKeeper.start(folder);
        before = current();
        System.setProperty(FIPS, "false"); // DIGEST-MD5 is the one mechanism that needs no Kerberos
        Configuration.setConfiguration(new Passwords());
    }

    @AfterAll
    static void stopServer() {
        Configuration.setConfiguration(before);
        System.clearProperty(FIPS);
        server.close();
    }

    private static Configuration current() {
        try {
            return Configuration.getConfiguration();
        } catch (SecurityException e) {
            return null; // there is none
        }
    }

    @Test
    void aJaasSectionLogsInAndOwnsWhatItMakes() throws Exception {
        try (Backend vault = server.open("path", "sasl", "sasl_context", "vault")) {
            SecureZooKeeper.works(vault);
        }
        try (Backend nobody = server.open("path", "sasl")) {
            assertThatThrownBy(() -> nobody.get(KEY)).isInstanceOf(BackendException.AccessDenied.class);
        }
        try (Backend vault = server.open("path", "owned", "sasl_context", "vault", "owner", "sasl:vault")) {
            SecureZooKeeper.works(vault);
        }
    }

    @Test
    void aRefusedSaslPasswordIsDeniedAtOnce() {
        try (Backend wrong = server.open("path", "refused", "sasl_context", "wrong")) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> wrong.get(KEY))
                    .isInstanceOf(BackendException.AccessDenied.class)
                    .hasMessageNotContaining("open-barley");
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
        }
    }

    /** ZooKeeper's client then connects all the same, and is nobody to the servers. */
    @Test
    void whoCannotEvenTryToLogInDoesNothingAsNobody() throws Exception {
        try (Backend nobody = server.open("path", "open")) {
            nobody.put(Entry.of(KEY, new byte[1]));
        }
        try (Backend missing = server.open("path", "open", "sasl_context", "missing")) {
            // At first, while it is connected as nobody, and after the next attempt.
            long start = System.nanoTime();
            while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(7)) {
                assertThatThrownBy(() -> missing.get(KEY)).isInstanceOf(BackendException.AccessDenied.class);
                assertThatThrownBy(() -> missing.put(Entry.of(KEY, new byte[2])))
                        .isInstanceOf(BackendException.AccessDenied.class);
                TimeUnit.MILLISECONDS.sleep(100);
            }
            assertThatThrownBy(() -> ((HABackend) missing).lock(KEY, "me").acquire())
                    .isInstanceOf(BackendException.AccessDenied.class);
        }
    }

    /** What a JAAS file would say. */
    private static final class Passwords extends Configuration {
        @Override
        public AppConfigurationEntry[] getAppConfigurationEntry(String section) {
            if (section.equals("missing")) {
                return null;
            }
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
