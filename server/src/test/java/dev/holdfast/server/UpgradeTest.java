package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.Client.Reply;
import dev.holdfast.server.Servers.One;
import dev.holdfast.server.cluster.UpgradeCheck;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Servers of several builds over one store. */
class UpgradeTest {
    @RegisterExtension
    final Servers servers = new Servers();

    private static UpgradeCheck build(String version) {
        return UpgradeCheck.of(version, name -> null);
    }

    @Test
    void aBuildThatIsTooFarFromTheOneThatLedLastStaysSealedAndSaysWhy() {
        servers.as(build("1.4.0")).startFirst().close();
        One far = servers.as(build("1.34.0")).start();

        far.unseal();

        Reply health = far.get("sys/health");
        assertThat(health.status()).isEqualTo(503);
        assertThat(health.json().get("sealed").asBoolean()).isTrue();
        assertThat(health.json().get("upgrade_refused").asText())
                .contains("1.34.0", "1.4.0", "30 minor versions", UpgradeCheck.SKIP + "=true");
        assertThat(far.server.node().cluster()).isEmpty();
        One near = servers.as(build("1.33.0")).start().unseal().awaitActive();
        assertThat(near.get("sys/health").json().has("upgrade_refused")).isFalse();
        near.close();

        assertThat(far.unseal().awaitActive().get("sys/health").json().has("upgrade_refused"))
                .as("what led last is near enough by now")
                .isFalse();
    }

    @Test
    void theLastShareIsAnsweredWithTheRefusal() {
        servers.as(build("1.4.0")).startFirst().close();
        One next = servers.as(build("2.0.0")).start();

        Reply reply = next.unsealWithLastReply();

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().at("/errors/0").asText())
                .contains("2.0.0", "1.4.0", "the major versions differ", UpgradeCheck.SKIP);
    }

    @Test
    void theOperatorMayOverrideIt() {
        servers.as(build("1.4.0")).startFirst().close();
        UpgradeCheck daring = UpgradeCheck.of("2.0.0", Map.of(UpgradeCheck.SKIP, "true")::get);

        One next = servers.as(daring).start().unseal().awaitActive();

        assertThat(next.get("sys/health").json().get("version").asText()).isEqualTo("2.0.0");
    }

    @Test
    void aStandbyThatTheClusterHasLeftBehindDoesNotTakeOver() {
        One first = servers.as(build("1.0.0")).startFirst();
        One behind = servers.startStandby();
        UpgradeCheck daring = UpgradeCheck.of("1.40.0", Map.of(UpgradeCheck.SKIP, "true")::get);
        One ahead = servers.as(daring).startStandby();
        // Which of the two is next is up to the store, so the lock is passed on until it was the newer one's turn.
        Servers.await("the newer one leads, or the older one did", () -> {
            if (ahead.isActive()) {
                return true;
            }
            for (One older : List.of(first, behind)) {
                if (older.isActive()) { // a standby would forward it
                    older.put("sys/step-down", "");
                }
            }
            return false;
        });

        ahead.close();

        Servers.await(
                "the one that was left behind is sealed",
                () -> behind.get("sys/health").json().has("upgrade_refused")
                        && behind.get("sys/health").status() == 503);
    }
}
