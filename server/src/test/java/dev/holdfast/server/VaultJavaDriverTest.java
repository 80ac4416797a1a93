package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.Servers.One;
import io.github.jopenlibs.vault.Vault;
import io.github.jopenlibs.vault.VaultConfig;
import io.github.jopenlibs.vault.VaultException;
import io.github.jopenlibs.vault.response.LogicalResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What programs do with the most used Java client, at the active and at a standby. */
class VaultJavaDriverTest {
    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void theOrdinaryFlowWorksAtTheActiveAndAtAStandby() throws VaultException {
        One active = servers.startFirst();
        for (One one : new One[] {active, servers.startStandby()}) {
            Vault vault = Vault.create(new VaultConfig()
                    .address(one.address())
                    .token(servers.token)
                    .engineVersion(1)
                    .build());

            assertThat(vault.sys().seal().sealStatus().getSealed()).isFalse();
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
    }
}
