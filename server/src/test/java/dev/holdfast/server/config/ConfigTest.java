package dev.holdfast.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.ConfigException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
    private static final String FULL = """
            # what an operator keeps under version control
            storage "etcd" {
              endpoints = ["http://10.0.0.1:2379", "http://10.0.0.2:2379"] // several
              path      = "holdfast/"
              lock_ttl  = "10s"
            }
            ha_storage "zookeeper" {
              endpoints = "10.0.0.3:2181"
            }
            listener "tcp" {
              address     = "0.0.0.0:8200"
              tls_disable = 1
            }
            listener "tcp" {
              address         = "[::1]:9200"
              cluster_address = "[::1]:9300"
              tls_cert_file   = "/etc/holdfast/tls.crt"
              tls_key_file    = "/etc/holdfast/tls.key"
              tls_min_version = "tls13"
              max_request_size = 1048576
            }
            api_addr     = "https://node-1.example:8200"
            disable_mlock = true /* has no meaning for a JVM */
            cluster_name = "prod"
            """;

    private static ServerConfig read(String text, Map<String, String> environment) {
        return new ConfigReader(environment::get, plugins -> Backends.load())
                .read(List.of(new ConfigSource("node.hcl", text)));
    }

    private static ServerConfig read(String text) {
        return read(text, Map.of());
    }

    private static List<String> problems(String text) {
        ConfigException refused = catchThrowableOfType(ConfigException.class, () -> read(text));
        assertThat(refused).as("a refusal of:%n%s", text).isNotNull();
        return refused.problems();
    }

    private static String with(String more) {
        return "storage \"inmem\" {}\nlistener \"tcp\" {\n  tls_disable = true\n}\n" + more;
    }

    @Test
    void readsWhatVaultsUsersWrite() {
        ServerConfig config = read(FULL);

        assertThat(config.storage().type()).isEqualTo("etcd");
        assertThat(config.storage().options())
                .containsEntry("endpoints", "http://10.0.0.1:2379,http://10.0.0.2:2379")
                .containsEntry("lock_ttl", "10s");
        assertThat(config.haStorage().type()).isEqualTo("zookeeper");
        assertThat(config.listeners())
                .extracting(one -> one.address() + " " + one.clusterAddress() + " " + (one.tls() != null))
                .containsExactly("0.0.0.0:8200 0.0.0.0:8201 false", "[::1]:9200 [::1]:9300 true");
        assertThat(config.listeners().get(1).maxRequestSize()).isEqualTo(1_048_576);
        assertThat(config.apiAddr()).isEqualTo(URI.create("https://node-1.example:8200"));
        assertThat(config.clusterAddr()).isEqualTo(URI.create("https://node-1.example:8201"));
        assertThat(config.warnings()).containsExactly("node.hcl:23: disable_mlock: has no effect in this server");
    }

    @Test
    void jsonMeansTheSame() {
        String json = """
                {
                  "storage": {"etcd": {"endpoints": "http://10.0.0.1:2379", "lock_ttl": "10s"}},
                  "listener": [
                    {"tcp": {"address": "127.0.0.1:8200", "tls_disable": "true"}},
                    {"tcp": {"address": "127.0.0.1:9200", "tls_disable": true}}
                  ],
                  "api_addr": "http://127.0.0.1:8200"
                }
                """;

        ServerConfig config = read(json);

        assertThat(config.storage().options()).containsEntry("lock_ttl", "10s");
        assertThat(config.listeners()).extracting(one -> one.address().port()).containsExactly(8200, 9200);
    }

    @Test
    void whatVaultHasAndThisServerDoesNotIsAcceptedWithAWarning() {
        ServerConfig config = read("""
                storage "inmem" {}
                listener "tcp" {
                  tls_disable = true
                  profiling {
                    unauthenticated_pprof_access = true
                  }
                }
                service_registration "kubernetes" {
                  namespace = "vault"
                }
                user_lockout "all" { lockout_threshold = "10" }
                user_lockout "userpass" { disable_lockout = "true" }
                reporting {
                  license { enabled = false }
                }
                log_file = "/var/log/vault.log"
                experiments = []
                """);

        assertThat(config.warnings())
                .containsExactlyInAnyOrder(
                        "node.hcl:4: listener.tcp.profiling: has no effect in this server",
                        "node.hcl:8: service_registration: has no effect in this server",
                        "node.hcl:11: user_lockout: has no effect in this server",
                        "node.hcl:12: user_lockout: has no effect in this server",
                        "node.hcl:13: reporting: has no effect in this server",
                        "node.hcl:16: log_file: has no effect in this server",
                        "node.hcl:17: experiments: has no effect in this server");
    }

    @Test
    void soItIsInJson() {
        ServerConfig config = read("""
                {
                  "storage": {"inmem": {}},
                  "listener": {"tcp": {"tls_disable": true, "profiling": {"unauthenticated_pprof_access": true}}},
                  "service_registration": {"consul": {"address": "127.0.0.1:8500"}},
                  "user_lockout": [{"all": {"lockout_threshold": "10"}}, {"ldap": {"disable_lockout": true}}],
                  "sentinel": [{"additional_enabled_modules": ["http"]}],
                  "log_rotate_bytes": 1048576
                }
                """);

        assertThat(config.warnings())
                .extracting(warning -> warning.replaceFirst(".*:\\d+: ", ""))
                .containsExactlyInAnyOrder(
                        "listener.tcp.profiling: has no effect in this server",
                        "service_registration: has no effect in this server",
                        "user_lockout: has no effect in this server",
                        "sentinel: has no effect in this server",
                        "log_rotate_bytes: has no effect in this server");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "entropy \"seal\" { mode = \"augmentation\" }",
                "kms_library \"pkcs11\" { name = \"hsm\" }",
                "seal \"transit\" {}",
                "cluster_cipher_suites = \"TLS_AES_128_GCM_SHA256\"",
                "listener \"tcp\" { address = \":9\" tls_disable = 1 tls_require_and_verify_client_cert = true }",
                "listener \"tcp\" { address = \":9\" tls_disable = 1 custom_response_headers { } }"
            })
    void whatWouldLeaveItLessSafeIsRefused(String line) {
        assertThat(problems(with(line + "\n"))).hasSize(1);
    }

    @Test
    void theEnvironmentWins() {
        ServerConfig config = read(
                FULL, Map.of("VAULT_API_ADDR", "http://10.9.9.9:8200", "VAULT_CLUSTER_ADDR", "http://10.9.9.9:7000"));

        assertThat(config.apiAddr()).isEqualTo(URI.create("http://10.9.9.9:8200"));
        assertThat(config.clusterAddr()).as("always https").isEqualTo(URI.create("https://10.9.9.9:7000"));
        assertThat(read(FULL, Map.of("VAULT_API_ADDR", "http://a:1", "HOLDFAST_API_ADDR", "http://b:2"))
                        .apiAddr())
                .isEqualTo(URI.create("http://b:2"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    api_addr = "node-1:8200"          | node.hcl:5: api_addr: option 'api_addr
                    api_addr = "10.0.0.1"             | must be a full URL with its scheme
                    api_adr = "http://a:1"            | node.hcl:5: api_adr: unknown option 'api_adr' - did you mean 'api_addr'?
                    disable_clustering = "perhaps"    | node.hcl:5: disable_clustering: option 'disable_clustering': expected true or false
                    api_addr = http                   | node.hcl:5: the value of 'api_addr' must be text in double quotes
                    listner "tcp" {}                  | node.hcl:5: listner: unknown block 'listner' - did you mean 'listener'?
                    storage "etcd" {}                 | node.hcl:5: storage: is given twice, first at node.hcl:1
                    plugin_directory = "/nowhere"     | node.hcl:5: plugin_directory: '/nowhere' is no directory
                    seal "awskms" {}                  | node.hcl:5: seal: only "shamir" and "file" are known
                    api_addr = "http://a:1" cluster_addr = "a:1" | cluster_addr: must differ from api_addr
                    log_level = "loud"                | log_level
                    listener "unix" {}                | node.hcl:5: listener: only listener "tcp"
                    listener "tcp" { tls_disable = 1 } | node.hcl:5: listener.tcp.address: 127.0.0.1:8200 is also wanted as the address 127.0.0.1:8200 of the listener at node.hcl:2
                    listener "tcp" { address = ":8201" tls_disable = 1 } | node.hcl:5: listener.tcp.address: :8201 is also wanted as the cluster_address 127.0.0.1:8201 of the listener at node.hcl:2; a cluster_address is
                    listener "tcp" { address = "127.0.0.1:8199" tls_disable = 1 } | node.hcl:5: listener.tcp.cluster_address: 127.0.0.1:8200 is also wanted as the address 127.0.0.1:8200
                    listener "tcp" { address = "127.0.0.1:9" cluster_address = "0.0.0.0:8201" tls_disable = 1 } | node.hcl:5: listener.tcp.cluster_address: 0.0.0.0:8201 is also wanted as the cluster_address 127.0.0.1:8201
                    listener "tcp" { address = ":9" } | node.hcl:5: listener.tcp.tls_cert_file: is required
                    listener "tcp" { adress = ":9" tls_disable = 1 } | node.hcl:5: listener.tcp.adress: unknown option 'adress' - did you mean 'address'?
                    listener "tcp" { address = ":9" cluster_address = ":9" tls_disable = 1 } | must differ from address
                    ha_storage "etdc" {}              | node.hcl:5: ha_storage.etdc: unknown - did you mean 'etcd'?
                    ha_storage "etcd" { lock_tl = "9s" } | node.hcl:5: ha_storage.etcd.lock_tl: unknown option 'lock_tl' - did you mean 'lock_ttl'?
                    ha_storage "etcd" {               | node.hcl:5: the block that begins here is never closed
                    cluster_name = "x                 | node.hcl:5: the text that begins here is never closed
                    }                                 | node.hcl:5: '}' closes nothing
                    """)
    void saysWhereTheMistakeIs(String line, String expected) {
        assertThat(String.join("\n", problems(with(line + "\n")))).contains(expected);
    }

    @Test
    void clusterAddressesAreNoMatterWhereTheyAreNotUsed() {
        String besides = "listener \"tcp\" {\n  address = \"127.0.0.1:8201\"\n  tls_disable = 1\n}\n";

        assertThat(read(with(besides + "disable_clustering = true\n")).listeners())
                .hasSize(2);
        assertThat(problems(with(besides))).hasSize(1);
    }

    @Test
    void anyFreePortIsNobodyElses() {
        String anyPort = "listener \"tcp\" {\n  address = \"127.0.0.1:0\"\n  tls_disable = 1\n}\n";

        assertThat(read(with(anyPort + anyPort)).listeners()).hasSize(3);
    }

    @Test
    void saysEverythingAtOnce() {
        assertThat(problems("""
                        storage "inmem" {
                          sotre = "x"
                        }
                        api_adr = "http://a:1"
                        """))
                .hasSize(3)
                .anySatisfy(problem -> assertThat(problem).startsWith("node.hcl:2: storage.inmem.sotre:"))
                .anySatisfy(problem -> assertThat(problem).startsWith("node.hcl:4: api_adr:"))
                .anySatisfy(problem -> assertThat(problem).contains("listener: at least one is required"));
    }

    @Test
    void aSecretIsNotShown() {
        String text = with("ha_storage \"etcd\" {\n  endpoints = \"http://user:hunter2@a:1\"\n}\n");

        assertThat(String.join("\n", problems(text))).contains("node.hcl:6").doesNotContain("hunter2");
    }

    @Test
    void aSecretWithoutItsQuotesIsNotShownEither() {
        String json = "{\n  \"storage\": {\"s3\": {\"secret_key\": hunter2}}\n}\n";

        assertThat(String.join("\n", problems(json)))
                .contains("node.hcl:2: not valid JSON at column")
                .doesNotContain("hunter2");
    }

    @Test
    void textsMayHaveEscapesAndSeveralLines() {
        ServerConfig config =
                read(with("""
                cluster_name = <<-END
                  two
                  lines
                  END
                """).replace("\"inmem\" {}", "\"inmem\" { store = \"a \\\"b\\\" \\u00e4 ${env}\" }"));

        assertThat(config.clusterName()).isEqualTo("two\nlines\n");
        assertThat(config.storage().options()).containsEntry("store", "a \"b\" ä ${env}");
    }
}
