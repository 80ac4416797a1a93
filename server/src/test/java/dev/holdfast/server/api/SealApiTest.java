package dev.holdfast.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.ha.HAStorage;
import dev.holdfast.server.barrier.FlakyStorage;
import dev.holdfast.server.barrier.KeyBytes;
import dev.holdfast.server.cluster.Identity;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SealApiTest {
    @Test
    void theRootTokenIsToldAlthoughStorageFailsWhenTheNewClusterIsUnsealed() throws Exception {
        var storage = new FlakyStorage(Backends.load().open("inmem", Map.of("store", "seal-" + UUID.randomUUID()))) {
            volatile boolean failing = true;

            @Override
            public Optional<Entry> get(Key key) {
                if (failing && key.path().equals("core/keyring")) {
                    throw new BackendException.Unavailable(
                            Operation.at("flaky", "storage").on("get", key), "it does not answer", null);
                }
                return super.get(key);
            }
        };
        try (HAStorage pair = HAStorage.of(storage).build();
                Node node = new Node(new Identity(null, null, "host", "1"), pair, null, certificate -> () -> {})) {
            TokenStore tokens = new TokenStore();
            SealApi.Setup setup = new SealApi.Setup("test", "flaky", Optional.of(new KeyBytes(new byte[32])));
            SealApi api = new SealApi(node, setup, tokens::of);

            Answer answer = api.init(new Call(Verb.WRITE, "sys/init", Map.of(), "", () -> new byte[0]));

            assertThat(answer.status()).isEqualTo(200);
            JsonNode made = new ObjectMapper().readTree(answer.body().bytes());
            assertThat(made.get("root_token").asText()).isNotEmpty();
            assertThat(node.state()).isEqualTo("sealed");
            storage.failing = false;
            assertThat(api.autoUnseal()).isTrue();
            assertThat(node.state()).isEqualTo("active");
        } finally {
            storage.close();
        }
    }

    @Test
    void whoInitialisesIsToldWhenNobodyCanSayWhetherItWasDone() {
        var storage = new FlakyStorage(Backends.load().open("inmem", Map.of("store", "seal-" + UUID.randomUUID()))) {
            @Override
            public void put(Entry entry) {
                if (entry.key().path().equals("core/seal-config")) {
                    throw new BackendException.OutcomeUnknown(
                            Operation.at("flaky", "storage").on("put", entry.key()), "no answer", null);
                }
                super.put(entry);
            }
        };
        try (HAStorage pair = HAStorage.of(storage).build();
                Node node = new Node(new Identity(null, null, "host", "1"), pair, null, certificate -> () -> {})) {
            SealApi api = new SealApi(node, new SealApi.Setup("test", "flaky", Optional.empty()), new TokenStore()::of);

            assertThatThrownBy(() -> api.init(new Call(Verb.WRITE, "sys/init", Map.of(), "", () -> new byte[0])))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("remove everything below the path of storage")
                    .hasMessageNotContaining("flaky");
        } finally {
            storage.close();
        }
    }
}
