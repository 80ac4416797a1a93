package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.Servers.One;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Standbys that serve reads themselves; without forwarding, so that it shows who answered. */
class StandbyReadsTest {
    @RegisterExtension
    final Servers servers = new Servers().with("disable_clustering = true");

    @Test
    void aStandbyAnswersReadsAndLeavesWritesToTheActive() {
        One active = servers.startFirst();
        One standby = servers.startStandby();

        for (int i = 0; i < 50; i++) {
            active.put("secret/app/n", "{\"n\":" + i + "}");
            assertThat(standby.get("secret/app/n").json().at("/data/n").asInt())
                    .as("the read after an acknowledged write")
                    .isEqualTo(i);
        }
        assertThat(standby.get("secret/app?list=true").status()).isEqualTo(200);
        assertThat(standby.get("secret/none").status()).isEqualTo(404);
        assertThat(standby.get("auth/token/lookup-self").status()).isEqualTo(200);
        assertThat(standby.put("secret/app/n", "{\"n\":1}").status()).isEqualTo(307);
        assertThat(standby.send("DELETE", "/v1/secret/app/n", "").status()).isEqualTo(307);
        assertThat(standby.get("sys/health").status()).isEqualTo(473);
        assertThat(standby.get("sys/health?perfstandbyok=true").status()).isEqualTo(200);
        assertThat(standby.get("sys/leader").json().get("performance_standby").asBoolean())
                .isTrue();
        servers.token = "wrong";
        assertThat(standby.get("secret/app/n").status()).isEqualTo(403);
    }

    @Test
    void aStandbyFollowsRotatedKeys() {
        One active = servers.startFirst();
        One standby = servers.startStandby();
        active.put("secret/a", "{\"n\":1}");

        active.put("sys/rotate", "");
        active.put("secret/b", "{\"n\":2}");

        assertThat(standby.get("secret/b").json().at("/data/n").asInt()).isEqualTo(2);
        assertThat(standby.get("secret/a").json().at("/data/n").asInt()).isEqualTo(1);
    }
}
