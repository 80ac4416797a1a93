package dev.holdfast.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TokensTest {
    @Test
    void aTokenWithALimitThatThisVersionDoesNotKnowIsNotTakenForOneWithout() {
        try (Backend storage = Backends.load().open("inmem", Map.of("store", "tokens-" + UUID.randomUUID()))) {
            String token = Tokens.createRoot(storage, "");
            assertThat(new Tokens().find(storage, token)).isPresent();
            Key key = Key.of(
                    "core/tokens/" + storage.list(Prefix.of("core/tokens/")).get(0));
            String stored = new String(storage.get(key).orElseThrow().value(), StandardCharsets.UTF_8);

            storage.put(
                    Entry.of(key, stored.replaceFirst("\\{", "{\"expires\":1,").getBytes(StandardCharsets.UTF_8)));

            assertThatThrownBy(() -> new Tokens().find(storage, token)).isInstanceOf(BackendException.Corrupt.class);
        }
    }
}
