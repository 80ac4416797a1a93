package dev.holdfast.spi.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    @ParameterizedTest
    @CsvSource({
        "http://10.0.0.1:2379,     http,  10.0.0.1,    2379",
        "https://etcd.example:443, https, etcd.example, 443",
        "localhost:2181,           '',    localhost,   2181",
        "[::1]:2181,               '',    [::1],       2181",
        "http://[fe80::1]:9000,    http,  [fe80::1],   9000",
        "http://s3.example,        http,  s3.example,  80",
        "https://s3.example/,      https, s3.example,  443",
        "host:1,                   '',    host,        1",
        "host:65535,               '',    host,        65535"
    })
    void readsSchemeHostAndPort(String text, String scheme, String host, int port) {
        assertThat(Endpoint.parse(text)).isEqualTo(new Endpoint(scheme, host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "host",
                "host:",
                "host:0",
                "host:65536",
                "host:-1",
                "host:port",
                ":2379",
                "http://",
                "http://:2379",
                "unknown://host",
                "::1:2181",
                "a b:1",
                "host:1,other:2"
            })
    void refusesWhatIsNoAddress(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user:swordfish@host:80",
                "user:swordfish@host:80",
                "http://host:80/swordfish",
                "http://host:80?token=swordfish",
                "http://host:80#swordfish",
                "http://host:swordfish"
            })
    void refusesWhatMayCarryASecretAndDoesNotRepeatIt(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected [scheme://]host:port")
                .hasMessageNotContaining("swordfish");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://10.0.0.1:2379", "localhost:2181", "https://[::1]:443"})
    void isWrittenAsItIsRead(String text) {
        assertThat(Endpoint.parse(text)).hasToString(text);
    }

    @Test
    void movesToAnotherAddressUnderItsScheme() {
        assertThat(Endpoint.parse("https://s3.example").at("127.0.0.1", 4711)).hasToString("https://127.0.0.1:4711");
    }

    @Test
    void readsSchemesOfAnyCaseAndNamesWithUnderscores() {
        assertThat(Endpoint.parse("HTTPS://host")).isEqualTo(new Endpoint("https", "host", 443));
        assertThat(Endpoint.parse("my_etcd:2379")).isEqualTo(new Endpoint("", "my_etcd", 2379));
    }
}
