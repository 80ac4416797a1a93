package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.ConfigException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3OptionsTest {
    private static Backend open(String... more) {
        Map<String, String> options =
                new HashMap<>(Map.of("bucket", "abc", "region", "eu-west-1", "ha_enabled", "false"));
        for (int i = 0; i < more.length; i += 2) {
            options.put(more[i], more[i + 1]);
        }
        return Backends.load().open("s3", options);
    }

    @ParameterizedTest
    @CsvSource({
        "endpoint, 'http://a:1,http://b:1', must be one address",
        "endpoint, a:9000, must start with https:// or http://",
        "path, a//b, must be segments",
        "path, x/l/y, must not contain the segment 'l'",
        "access_key, only, give both or neither",
        "session_token, only, goes with access_key",
        "kms_key_id, only, goes with sse=aws:kms",
        "sse, rot13, must be aes256 or aws:kms",
        "checksums, maybe, must be when_supported or when_required",
        "max_parallel, 0, must be from 1 to 1000",
        "lock_ttl, 10ms, must be from 1s to 24h",
        "lock_poll, 10s, must be at most half of lock_ttl"
    })
    void whatCannotWorkIsRefusedByName(String option, String value, String problem) {
        assertThatThrownBy(() -> open(option, value))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(option)
                .hasMessageContaining(problem);
    }

    @Test
    void aBackendNamesItsPlaceAndNoSecret() {
        try (Backend backend = open("access_key", "AK", "secret_key", "hidden", "path", "here")) {
            assertThat(backend.toString()).isEqualTo("s3 (AWS eu-west-1 bucket=abc path=here/)");
        }
    }
}
