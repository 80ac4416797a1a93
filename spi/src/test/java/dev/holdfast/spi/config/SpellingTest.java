package dev.holdfast.spi.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
    private static final List<String> KNOWN = List.of("endpoints", "path", "lock_ttl", "request_timeout");

    @ParameterizedTest
    @CsvSource({
        "endpoint, endpoints",
        "endpionts, endpoints",
        "Path, path",
        "pth, path",
        "lock-ttl, lock_ttl",
        "lockTTL, lock_ttl",
        "locktl, lock_ttl",
        "timeout_request, ",
        "requesttimeut, request_timeout",
        "x, ",
        "'', "
    })
    void suggestsWhatIsNearAndNothingElse(String name, String nearest) {
        assertThat(Spelling.nearest(name, KNOWN).orElse(null)).isEqualTo(nearest);
    }

    @Test
    void prefersTheNearer() {
        assertThat(Spelling.nearest("patch", List.of("match", "patches", "path", "patch_")))
                .contains("patch_");
    }

    @Test
    void aHintIsAClauseOrNothing() {
        assertThat(Spelling.hint("pathh", KNOWN)).isEqualTo(" - did you mean 'path'?");
        assertThat(Spelling.hint("nothing like it", KNOWN)).isEmpty();
        assertThat(Spelling.hint("path", List.of())).isEmpty();
    }
}
