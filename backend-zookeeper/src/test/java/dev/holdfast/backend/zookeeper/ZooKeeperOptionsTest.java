package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZooKeeperOptionsTest {
    @TempDir
    private Path folder;

    @Test
    void everythingHasADefault() {
        ZooKeeperOptions options = parse();
        assertThat(options.store()).isEqualTo("127.0.0.1:2181 path=/holdfast");
        assertThat(options.login()).isEmpty();
        assertThat(options.acl()).isEqualTo(ZooDefs.Ids.OPEN_ACL_UNSAFE);
        assertThat(options.lockTtl()).isEqualTo(Duration.ofSeconds(15));
        assertThat(options.haEnabled()).isTrue();
        assertThat(options.connection().getProperty(ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET))
                .endsWith("NIO");
        assertThat(options.connection().isSaslClientEnabled()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"vault,/vault", "vault/,/vault", "/vault/,/vault", "a/b c,/a/b c"})
    void aPathIsANode(String given, String expected) {
        assertThat(parse("path", given).path()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/", "//", "a//b", "a/../b", "d/", "team/l/", "f", "zookeeper", "zookeeper/quota", "\uE000"})
    void aPathThatCouldMeetAnotherIsRefused(String path) {
        assertThatThrownBy(() -> parse("path", path))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls://a:1,b:1", "https://a:1", "zk://a:1"})
    void schemesThatAreUnknownOrDoNotGoTogetherAreRefused(String endpoints) {
        assertThatThrownBy(() -> parse("endpoints", endpoints))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("endpoints");
    }

    @Test
    void theConnectStringHasAllServers() {
        assertThat(parse("endpoints", "a:1,[::1]:2").connectString()).isEqualTo("a:1,[::1]:2");
        assertThat(parse("endpoints", "tls://a:1,tls://b:2").connectString()).isEqualTo("a:1,b:2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lock_ttl", "session_timeout"})
    void aTimeTooShortForAnyServerIsRefused(String option) {
        assertThatThrownBy(() -> parse(option, "900ms"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(option);
    }

    @Test
    void aUserAndAPasswordComeTogetherAndOwnWhatTheyMake() {
        assertThatThrownBy(() -> parse("username", "u")).hasMessageContaining("password");
        assertThatThrownBy(() -> parse("password", "hush"))
                .hasMessageContaining("username")
                .hasMessageNotContaining("hush");
        assertThatThrownBy(() -> parse("username", "u:v", "password", "hush")).hasMessageContaining("username");
        ZooKeeperOptions options = parse("username", "u", "password", "hush");
        assertThat(options.toString()).doesNotContain("hush");
        assertThat(options.acl()).isEqualTo(ZooDefs.Ids.CREATOR_ALL_ACL);
    }

    @Test
    void anotherOwnerCanBeNamed() {
        assertThat(parse("owner", "digest:u:aGFzaA==").acl()).singleElement().satisfies(acl -> {
            assertThat(acl.getId().getScheme()).isEqualTo("digest");
            assertThat(acl.getId().getId()).isEqualTo("u:aGFzaA==");
            assertThat(acl.getPerms()).isEqualTo(ZooDefs.Perms.ALL);
        });
        assertThatThrownBy(() -> parse("owner", "vault")).hasMessageContaining("owner");
    }

    /** Without its FIPS mode, ZooKeeper's client leaves Java's own trust store to a default that checks no host. */
    @Test
    void theServersHostIsCheckedOrTheOptionsAreRefused() {
        String before = System.setProperty("zookeeper.fips-mode", "false");
        try {
            assertThatThrownBy(() -> parse("endpoints", "tls://a:1"))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("tls_trust_store")
                    .hasMessageContaining("zookeeper.fips-mode");
        } finally {
            if (before == null) {
                System.clearProperty("zookeeper.fips-mode");
            } else {
                System.setProperty("zookeeper.fips-mode", before);
            }
        }
    }

    @Test
    void tlsFilesNeedTlsAndMustBeUsable() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.p12"), "no store of keys");
        assertThatThrownBy(() -> parse("tls_trust_store", bad.toString())).hasMessageContaining("tls://");
        assertThatThrownBy(() -> parse("endpoints", "tls://a:1", "tls_trust_store", "/nowhere.pem"))
                .hasMessageContaining("tls_trust_store")
                .hasMessageContaining("/nowhere.pem");
        assertThatThrownBy(() -> parse(
                        "endpoints", "tls://a:1",
                        "tls_key_store", bad.toString(),
                        "tls_key_store_password", "hush"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("tls_key_store")
                .hasMessageNotContaining("hush");
        assertThatThrownBy(() -> parse("endpoints", "tls://a:1", "tls_key_store", folder.toString()))
                .hasMessageContaining(".pem");
        assertThat(parse("endpoints", "tls://a:1")
                        .connection()
                        .getProperty(ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET))
                .endsWith("Netty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls_trust_store", "tls_key_store"})
    void aPasswordNeedsItsStoreAndTls(String store) {
        for (String endpoints : new String[] {"tls://a:1", "a:1"}) {
            assertThatThrownBy(() -> parse("endpoints", endpoints, store + "_password", "hush"))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(endpoints.startsWith("tls") ? store : "tls://")
                    .hasMessageNotContaining("hush");
        }
    }

    @Test
    void hostsAreVerifiedUnlessThatIsTurnedOffForTls() {
        assertThat(verifiesHosts(parse("endpoints", "tls://a:1"))).isTrue();
        assertThat(verifiesHosts(parse("endpoints", "tls://a:1", "tls_verify_host", "false")))
                .isFalse();
        assertThatThrownBy(() -> parse("tls_verify_host", "false"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("tls://");
    }

    private static boolean verifiesHosts(ZooKeeperOptions options) {
        try (ClientX509Util names = new ClientX509Util()) {
            return names.isServerHostnameVerificationEnabled(options.connection());
        }
    }

    private static ZooKeeperOptions parse(String... pairs) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(pairs[i], pairs[i + 1]);
        }
        return ZooKeeperOptions.of(ZooKeeperOptions.SCHEMA.parse("backend 'zookeeper'", values, name -> null));
    }
}
