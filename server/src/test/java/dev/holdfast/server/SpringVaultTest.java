package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.Servers.One;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.vault.authentication.TokenAuthentication;
import org.springframework.vault.client.VaultEndpoint;
import org.springframework.vault.core.VaultTemplate;
import org.springframework.vault.support.VaultInitializationRequest;
import org.springframework.vault.support.VaultInitializationResponse;

/** What programs do with Spring Vault, at the active and at a standby. */
class SpringVaultTest {
    @RegisterExtension
    final Servers servers = new Servers();

    private static VaultTemplate vault(One one, String token) {
        return new VaultTemplate(VaultEndpoint.from(URI.create(one.address())), new TokenAuthentication(token));
    }

    @Test
    void theOrdinaryFlowWorksAtTheActiveAndAtAStandby() {
        One active = servers.start();
        VaultTemplate first = vault(active, "none yet");
        assertThat(first.opsForSys().isInitialized()).isFalse();
        VaultInitializationResponse made = first.opsForSys().initialize(VaultInitializationRequest.create(2, 2));
        assertThat(first.opsForSys().unseal(made.getKeys().get(0)).isSealed()).isTrue();
        assertThat(first.opsForSys().unseal(made.getKeys().get(1)).isSealed()).isFalse();
        active.awaitActive();
        One standby = servers.start();
        for (String key : made.getKeys()) {
            var unused = vault(standby, "none").opsForSys().unseal(key);
        }
        String token = made.getRootToken().getToken();
        Servers.await(
                "the standby knows the active",
                () -> new Client(standby.address(), token)
                        .get("sys/leader")
                        .text()
                        .contains(active.address()));

        for (One one : new One[] {active, standby}) {
            VaultTemplate vault = vault(one, token);
            assertThat(vault.opsForSys().health().isStandby()).isEqualTo(one == standby);
            assertThat(vault.opsForSys().getUnsealStatus().isSealed()).isFalse();
            assertThat(vault.opsForSys().getMounts()).containsKey("secret/");
            vault.write("secret/spring/a", Map.of("k", "v"));
            assertThat(Objects.requireNonNull(vault.read("secret/spring/a")).getData())
                    .containsEntry("k", "v");
            assertThat(vault.list("secret/spring")).containsExactly("a");
            vault.delete("secret/spring/a");
            assertThat(vault.read("secret/spring/a")).isNull();
        }

        // Through the standby, which hands it to the active and then takes over.
        var unused = vault(standby, token).write("sys/step-down", null);
        standby.awaitActive();
        vault(active, token).write("secret/spring/b", Map.of("k", "w"));
        assertThat(vault(standby, token).list("secret/spring")).containsExactly("b");
    }
}
