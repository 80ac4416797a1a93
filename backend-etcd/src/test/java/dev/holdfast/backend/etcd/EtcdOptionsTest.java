package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdOptionsTest {
    @TempDir
    private Path folder;

    @Test
    void everythingHasADefault() {
        EtcdOptions options = parse();
        assertThat(options.store()).isEqualTo("http://127.0.0.1:2379 path=holdfast/");
        assertThat(options.login()).isEmpty();
        assertThat(options.tls()).isEmpty();
        assertThat(options.lockTtl()).isEqualTo(Duration.ofSeconds(15));
        assertThat(options.haEnabled()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"vault,vault/", "vault/,vault/", "/vault/,/vault/", "a/b c,a/b c/"})
    void aPathEndsInASlash(String given, String expected) {
        assertThat(parse("path", given).path()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "//", "a//b", "a/../b", "d/", "team/l/", "f"})
    void aPathThatCouldMeetAnotherIsRefused(String path) {
        assertThatThrownBy(() -> parse("path", path))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a:1,https://b:1", "https://a:1,b:1", "ftp://a:1"})
    void schemesThatDoNotGoTogetherAreRefused(String endpoints) {
        assertThatThrownBy(() -> parse("endpoints", endpoints))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("endpoints");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1s", "0", "2500ms", "1.5s"})
    void aLockTtlThatEtcdWouldChangeIsRefused(String ttl) {
        assertThatThrownBy(() -> parse("lock_ttl", ttl))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("lock_ttl");
    }

    @Test
    void aUserAndAPasswordComeTogether() {
        assertThatThrownBy(() -> parse("username", "u")).hasMessageContaining("password");
        assertThatThrownBy(() -> parse("password", "hush"))
                .hasMessageContaining("username")
                .hasMessageNotContaining("hush");
        assertThat(parse("username", "u", "password", "hush").toString())
                .contains("u")
                .doesNotContain("hush");
    }

    @Test
    void tlsFilesNeedHttpsAndEachOther() {
        assertThatThrownBy(() -> parse("tls_ca_file", "/ca.pem")).hasMessageContaining("https");
        assertThatThrownBy(() -> parse("authority", "etcd.internal")).hasMessageContainingAll("https", "authority");
        assertThatThrownBy(() -> parse("endpoints", "https://a:1", "tls_cert_file", "/c.pem"))
                .hasMessageContaining("tls_key_file");
        assertThat(parse("endpoints", "https://a:1").tls()).isPresent();
    }

    @Test
    void aFileThatCannotBeReadIsNamedWithItsOption() throws IOException {
        Path garbage = Files.writeString(folder.resolve("garbage.pem"), "no certificate");
        assertThatThrownBy(() -> parse("endpoints", "https://a:1", "tls_ca_file", "/nowhere/ca.pem"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("tls_ca_file", "/nowhere/ca.pem");
        assertThatThrownBy(() -> parse("endpoints", "https://a:1", "tls_ca_file", garbage.toString()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("tls_ca_file", garbage.toString());
    }

    private static EtcdOptions parse(String... namesAndValues) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return EtcdOptions.of(EtcdOptions.SCHEMA.parse("backend 'etcd'", values, variable -> null));
    }
}
