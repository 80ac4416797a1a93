package dev.holdfast.backend.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ZooKeeperPresenceTest {
    private final ZooKeeperPresence presence = new ZooKeeperPresence();

    @Test
    void whatWasReadOrChangedOrMadeIsThereUntilItIsGone() {
        assertThat(presence.has("/d/=a")).isFalse();
        presence.seen("/d/=a");
        presence.changed("/d/=b");
        presence.made("/d/=c");
        assertThat(presence.has("/d/=a")).isTrue();
        assertThat(presence.has("/d/=b")).isTrue();
        assertThat(presence.has("/d/=c")).isTrue();

        presence.gone("/d/=b");

        assertThat(presence.has("/d/=b")).isFalse();
        assertThat(presence.has("/d/=a")).isTrue();
    }

    @Test
    void whereANodeWasMadeTheNextUnknownOneIsNewAsWell() {
        presence.seen("/d/+x/=old");
        assertThat(presence.isNew("/d/+x/=a")).isFalse();
        presence.made("/d/+x/=a");
        assertThat(presence.isNew("/d/+x/=b")).isTrue();
        assertThat(presence.isNew("/d/+x/=a")).as("it is there").isFalse();
        assertThat(presence.isNew("/d/=b")).as("elsewhere").isFalse();
    }

    @Test
    void whereAnUnknownNodeWasThereTheNextOneMayBeToo() {
        presence.made("/d/=a");
        presence.changed("/d/=a");
        assertThat(presence.isNew("/d/=b")).as("a known one is no news").isTrue();

        presence.changed("/d/=b");

        assertThat(presence.isNew("/d/=c")).isFalse();
    }
}
