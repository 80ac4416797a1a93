package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.server.Servers.One;
import io.github.jopenlibs.vault.Vault;
import io.github.jopenlibs.vault.VaultConfig;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.response.LogicalResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What programs do with the most used Java client, at the active and at a standby: all that it has calls for, which is not
 * initialising, who leads, and stepping down.
 */
class VaultJavaDriverTest {
    @RegisterExtension
    final Servers servers = new Servers();

    private static Vault driver(One one, String token) throws VaultException {
        return Vault.create(new VaultConfig()
                .address(one.address())
                .token(token)
                .engineVersion(1)
                .build());
    }

    @Test
    void theOrdinaryFlowWorksAtTheActiveAndAtAStandby() throws VaultException {
        One active = servers.start();
        One standby = servers.start();
        JsonNode made = active.put("sys/init", "{\"secret_shares\":3,\"secret_threshold\":2}")
                .json();
        String token = made.get("root_token").asText();
        unseal(driver(active, ""), made);
        active.awaitActive();
        unseal(driver(standby, ""), made);
        Servers.await(
                "the standby knows the active",
                () -> standby.get("sys/health")
                        .json()
                        .path("ha_connection_healthy")
                        .asBoolean());

        for (One one : List.of(active, standby)) {
            Vault vault = driver(one, token);
            assertThat(vault.auth().lookupSelf().getPolicies()).containsExactly("root");
            vault.logical().write("secret/java/a", Map.of("k", "v", "n", 3));
            assertThat(vault.logical().read("secret/java/a").getData())
                    .containsEntry("k", "v")
                    .containsEntry("n", "3");
            assertThat(vault.logical().list("secret/java").getListData()).containsExactly("a");
            vault.logical().delete("secret/java/a");
            LogicalResponse gone = vault.logical().read("secret/java/a");
            assertThat(gone.getRestResponse().getStatus()).isEqualTo(404);
            assertThat(vault.debug().health().getStandby()).isEqualTo(one != active);
        }

        driver(active, token).sys().seal().seal();

        assertThat(driver(active, "").sys().seal().sealStatus().getSealed()).isTrue();
        standby.awaitActive();
        driver(standby, token).logical().write("secret/java/b", Map.of("k", "after"));
        assertThat(driver(standby, token).logical().read("secret/java/b").getData())
                .containsEntry("k", "after");
    }

    private static void unseal(Vault vault, JsonNode made) throws VaultException {
        assertThat(vault.sys().seal().sealStatus().getSealed()).isTrue();
        assertThat(vault.sys().seal().unseal(made.at("/keys/2").asText()).getProgress())
                .isEqualTo(1L);
        assertThat(vault.sys().seal().unseal(made.at("/keys/0").asText()).getSealed())
                .isFalse();
    }
}
